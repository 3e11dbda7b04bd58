import type { LoadGroup } from './bulk-load.ts'
import type { Entry } from './entry.ts'
import type { ResolvedCall } from './entry-options.ts'
import type { Flight } from './flight.ts'
import type { Lookup } from './interpreting.ts'
import type { Scope } from './scope.ts'
import type { Loader } from './types.ts'
import { type Freshness, freshnessOf, freshnessOfEntry } from './wire-format.ts'

/** One load to be done. */
export interface Load<V> {
  readonly scope: Scope
  readonly key: string
  readonly loader: Loader<V>
  readonly call: ResolvedCall
  readonly flight: Flight<V>
  /** What is there already and may be needed: for conditional loads and for `staleIfError`. */
  readonly stale: Entry<V> | undefined
  /** What Redis said of the key just now; `undefined` when it was not asked. */
  readonly lookup: Lookup | undefined
  /** Nobody waits: a stale value was served, and this refreshes it. */
  readonly isBackground: boolean
  /** Loads even if another process has just stored a fresh value. */
  readonly isForced: boolean
  /** The keys that are loaded in one call with this one. */
  readonly group: LoadGroup | undefined
}

/** By which Redis knows the value that a load is to replace. */
export function replacedFreshness<V>({ lookup, stale }: Load<V>): Freshness {
  if (lookup !== undefined) return freshnessOf(lookup.bytes)
  return stale === undefined ? '' : freshnessOfEntry(stale)
}
