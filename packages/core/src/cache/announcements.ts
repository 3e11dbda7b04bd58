/**
 * Where the scripts that change something say what they changed, in the very same step, for memory
 * tiers that follow by pub/sub. Where all follow by tracking, Redis itself says it, and nobody need.
 */
export class Announcements {
  readonly channel: string
  /** Until it is known that nobody listens, somebody may. */
  isOn = true

  constructor(channel: string) {
    this.channel = channel
  }

  /** What a script is told: the channel, or nothing. */
  get target(): string {
    return this.isOn ? this.channel : ''
  }
}
