import type { City } from './city.ts'
import type { Source } from './source.ts'

/** What a contestant answers: the row, at once or later. Its types may allow for nothing found. */
export type Answer = City | null | undefined

/** The one way in which every library is measured. */
export interface Contestant {
  readonly name: string
  /** The package that is measured, for its version. */
  readonly package: string
  readonly source: Source
  /** Reads through the cache, as its documentation has it: what is not cached comes from `source`. */
  hit(key: string): Answer | Promise<Answer>
  teardown(): Promise<void>
}

/** One that reads many keys in one call. */
export interface BulkContestant extends Contestant {
  /** In the order of `keys`, all of which are cached. */
  hitMany(keys: readonly string[]): Promise<readonly Answer[]>
}

/** Bounds and lifetimes are the same for all. */
export const MAX_ENTRIES = 10_000
export const TTL_MS = 3_600_000
