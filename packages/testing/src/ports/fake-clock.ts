interface FakeTimer {
  readonly dueMs: number
  readonly callback: () => void
}

/** How often pending immediates get a turn between two timers; each hop of a chain takes one. */
const TURNS_BETWEEN_TIMERS = 3

/**
 * A clock that stands still until a test moves it; fits the `Clock` port.
 *
 * Time is in milliseconds and starts at 1,700,000,000,000 (November 2023) unless told.
 *
 * @example
 * const clock = new FakeClock()
 * const cache = createCache({ clock, ttl: '1m' })
 * clock.advance(60_000)
 */
export class FakeClock {
  #elapsedMs = 0
  #wallMs: number
  readonly #timers = new Set<FakeTimer>()

  constructor(startMs = 1_700_000_000_000) {
    this.#wallMs = startMs
  }

  /** How many timers have neither fired nor been cancelled. */
  get pending(): number {
    return this.#timers.size
  }

  now(): number {
    return this.#wallMs
  }

  schedule(delayMs: number, callback: () => void): { cancel(): void } {
    const timer: FakeTimer = { dueMs: this.#elapsedMs + Math.max(delayMs, 0), callback }
    this.#timers.add(timer)
    return { cancel: () => void this.#timers.delete(timer) }
  }

  /**
   * Lets `ms` pass and fires what falls due, in order of time, equal times in order of scheduling.
   * Timers that a callback schedules within the span fire too. What a callback throws is thrown.
   */
  advance(ms: number): void {
    const endMs = this.#elapsedMs + ms
    for (let next = this.#nextUntil(endMs); next; next = this.#nextUntil(endMs)) this.#fire(next)
    this.#moveTo(endMs)
  }

  /** Like {@link advance}, with promises and immediates run out before, between and after timers. */
  async advanceAsync(ms: number): Promise<void> {
    const endMs = this.#elapsedMs + ms
    await takeTurns()
    for (let next = this.#nextUntil(endMs); next; next = this.#nextUntil(endMs)) {
      this.#fire(next)
      await takeTurns()
    }
    this.#moveTo(endMs)
    await takeTurns()
  }

  /** Sets the wall clock forward or, with a negative `ms`, back. No time passes for timers. */
  shift(ms: number): void {
    this.#wallMs += ms
  }

  #nextUntil(endMs: number): FakeTimer | undefined {
    let next: FakeTimer | undefined
    for (const timer of this.#timers) {
      if (timer.dueMs <= endMs && (next === undefined || timer.dueMs < next.dueMs)) next = timer
    }
    return next
  }

  #fire(timer: FakeTimer): void {
    this.#timers.delete(timer)
    this.#moveTo(timer.dueMs)
    timer.callback()
  }

  #moveTo(elapsedMs: number): void {
    // A callback may itself have advanced the clock.
    if (elapsedMs <= this.#elapsedMs) return
    this.#wallMs += elapsedMs - this.#elapsedMs
    this.#elapsedMs = elapsedMs
  }
}

async function takeTurns(): Promise<void> {
  for (let turn = 0; turn < TURNS_BETWEEN_TIMERS; turn += 1) {
    await new Promise((resolve) => setImmediate(resolve))
  }
}
