import type { Clock } from '../base/clock.ts'

/**
 * What Redis's clock said, and ours when we asked: an answer that comes late must not let a copy
 * live longer than Redis's own.
 */
export interface Clocks {
  readonly redisNowMs: number
  readonly askedAtMs: number
}

/** So long what Redis's clock said is good for telling what it says now. */
const GOOD_FOR_MS = 1_000

/**
 * Redis's clock, told by ours: asked for once in a while rather than with every read. Ours may be
 * wrong by any amount; if it is set back, what it told is good for a second.
 */
export class RedisClock {
  readonly #clock: Clock
  #aheadMs = 0
  #learnedAtMs = Number.NEGATIVE_INFINITY

  constructor(clock: Clock) {
    this.#clock = clock
  }

  now(): number {
    return this.#clock.now()
  }

  /** What Redis's clock says at `askedAtMs` of ours; `undefined` if it is to be asked. */
  tell(askedAtMs: number): Clocks | undefined {
    if (Math.abs(askedAtMs - this.#learnedAtMs) > GOOD_FOR_MS) return undefined
    return { redisNowMs: askedAtMs + this.#aheadMs, askedAtMs }
  }

  /** Redis has answered what we asked at `askedAtMs`. It cannot be further on than this makes it. */
  learn(redisNowMs: number, askedAtMs: number): Clocks {
    this.#aheadMs = redisNowMs - askedAtMs
    this.#learnedAtMs = askedAtMs
    return { redisNowMs, askedAtMs }
  }
}
