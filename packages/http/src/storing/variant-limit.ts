import { fingerprint } from '../keys/fingerprint.ts'
import { BoundedMap } from './bounded-map.ts'

const MOST_KEYS = 1_000
const LONGEST_KEY = 100

/** How many variants of one key may be stored at a time. */
export const MOST_VARIANTS = 64

/**
 * Keeps one URL from filling the cache with variants, when its Vary names a field that hardly two
 * requests share (such as User-Agent).
 */
export class VariantLimit {
  readonly #variants = new BoundedMap<string, Map<string, number>>(MOST_KEYS)

  /** Whether the variant of `key` may be stored until `untilMs`; if so, it is counted. */
  admit(key: string, selection: string, nowMs: number, untilMs: number): boolean {
    const keyPrint = fingerprint(key, LONGEST_KEY)
    const print = fingerprint(selection, LONGEST_KEY)
    const variants = this.#variants.get(keyPrint) ?? new Map<string, number>()
    if (!variants.has(print) && variants.size >= MOST_VARIANTS) {
      for (const [other, otherUntilMs] of variants) {
        if (otherUntilMs <= nowMs) variants.delete(other)
      }
      if (variants.size >= MOST_VARIANTS) return false
    }
    variants.set(print, untilMs)
    this.#variants.set(keyPrint, variants)
    return true
  }
}
