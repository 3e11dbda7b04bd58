import type { Random } from '../base/random.ts'
import { createGrowingLru } from '../memory/growing-lru.ts'

const FIRST_WAIT_MS = 1_000
const LONGEST_WAIT_MS = 60_000

/** Keys that fail at one time; of those pushed out, the next refresh is tried at once. */
const MOST_KEYS = 10_000

interface Failing {
  readonly failures: number
  readonly retryAtMs: number
}

/**
 * After a load has failed while a stale value can be served, no other is tried for a while: a
 * source in trouble is not asked by every caller. The wait doubles with each failure, with jitter so
 * that keys and processes spread out.
 */
export class RefreshBackoff {
  readonly #random: Random
  readonly #failing = createGrowingLru<Failing>(MOST_KEYS)

  constructor(random: Random) {
    this.#random = random
  }

  isWaiting(id: string, nowMs: number): boolean {
    if (this.#failing.size === 0) return false
    const failing = this.#failing.get(id)
    if (failing === undefined) return false
    // Farther off than any wait can be, it is over: the wall clock was set back meanwhile.
    return nowMs < failing.retryAtMs && failing.retryAtMs <= nowMs + LONGEST_WAIT_MS
  }

  failed(id: string, nowMs: number): void {
    const failures = this.#failing.get(id)?.failures ?? 0
    const ceilingMs = Math.min(FIRST_WAIT_MS * 2 ** failures, LONGEST_WAIT_MS)
    const waitMs = ceilingMs * (0.5 + this.#random.next() / 2)
    this.#failing.set(id, { failures: failures + 1, retryAtMs: nowMs + waitMs })
  }

  succeeded(id: string): void {
    if (this.#failing.size > 0) this.#failing.delete(id)
  }
}
