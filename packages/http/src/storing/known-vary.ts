import { fingerprint } from '../keys/fingerprint.ts'
import { BoundedMap } from './bounded-map.ts'

const MOST_KEYS = 10_000
const LONGEST_KEY = 100

/**
 * By which request fields the responses of a URL were last told apart: what said so may be gone
 * before the variants that were found by it.
 */
export class KnownVary {
  readonly #names = new BoundedMap<string, readonly string[]>(MOST_KEYS)

  remember(key: string, names: readonly string[]): void {
    if (names.length > 0) this.#names.set(fingerprint(key, LONGEST_KEY), names)
    else if (this.#names.size > 0) this.#names.delete(fingerprint(key, LONGEST_KEY))
  }

  /** The names of the fields, in lower case; `undefined` where nothing varied. */
  get(key: string): readonly string[] | undefined {
    return this.#names.size === 0 ? undefined : this.#names.get(fingerprint(key, LONGEST_KEY))
  }
}
