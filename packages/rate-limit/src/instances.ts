import type { Clock, RedisLink, Timer } from '@hotpath/core'
import { HEARTBEAT } from './lua/scripts.ts'

const BEAT_MS = 2_000
const DEAD_AFTER_MS = 10_000

/** How many processes share the limits: each says in Redis that it lives, and counts those that did. */
export class Instances {
  readonly #link: RedisLink
  readonly #key: string
  readonly #id: string
  readonly #clock: Clock
  #timer: Timer | undefined
  #isClosed = false
  #count = 1

  constructor(link: RedisLink, key: string, id: string, clock: Clock) {
    this.#link = link
    this.#key = key
    this.#id = id
    this.#clock = clock
    this.#beat()
  }

  /** As last heard; 1 where nothing ever was. */
  get count(): number {
    return this.#count
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#timer?.cancel()
    await this.#link.command('zrem', this.#key, this.#id).catch(() => {})
  }

  #beat(): void {
    const beat = this.#link.run(HEARTBEAT, [this.#key], [this.#id, DEAD_AFTER_MS])
    beat.then(
      (count) => {
        this.#count = Math.max(1, Number(count))
        this.#again()
      },
      () => this.#again(),
    )
  }

  #again(): void {
    if (!this.#isClosed) this.#timer = this.#clock.schedule(BEAT_MS, () => this.#beat())
  }
}
