import { fingerprint } from '../keys/fingerprint.ts'
import { BoundedMap } from './bounded-map.ts'

const MOST_KEYS = 10_000

/** How long a key is remembered whose response turned out not to be storable. */
const REMEMBERED_MS = 5_000

const LONGEST_KEY = 100

/**
 * Keys whose responses proved not to be storable: requests for them go straight to the handler
 * instead of waiting for one another, until it is time to try again.
 */
export class HitForMiss {
  readonly #untilMs = new BoundedMap<string, number>(MOST_KEYS)

  get isEmpty(): boolean {
    return this.#untilMs.size === 0
  }

  remember(key: string, nowMs: number): void {
    this.#untilMs.set(fingerprint(key, LONGEST_KEY), nowMs + REMEMBERED_MS)
  }

  has(key: string, nowMs: number): boolean {
    if (this.isEmpty) return false
    const print = fingerprint(key, LONGEST_KEY)
    const untilMs = this.#untilMs.get(print)
    if (untilMs === undefined) return false
    if (nowMs < untilMs) return true
    this.#untilMs.delete(print)
    return false
  }
}
