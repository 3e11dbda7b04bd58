import { decideUse, type Entry, type Use } from './entry.ts'
import type { FoundEntry, Tier } from './entry-types.ts'
import type { Outcome } from './flight.ts'
import type { Lookup } from './interpreting.ts'
import type { Scope } from './scope.ts'
import { findInMemory } from './shelf.ts'
import type { CacheState } from './state.ts'

/** What there is of a key already. */
export interface Held<V> {
  readonly entry: Entry<V>
  readonly use: Use
  readonly tier: 'memory' | 'redis'
}

export function heldInMemory<V>(state: CacheState, scope: Scope, id: string): Held<V> | undefined {
  const inMemory = findInMemory(state, scope, id)
  if (inMemory === undefined || inMemory.use === 'unusable') return undefined
  return { entry: inMemory.entry as Entry<V>, use: inMemory.use, tier: 'memory' }
}

export function heldInRedis<V>(state: CacheState, lookup: Lookup): Held<V> | undefined {
  if (lookup.kind !== 'found') return undefined
  const use = decideUse(lookup.entry, state.clock.now())
  return { entry: lookup.entry as Entry<V>, use, tier: 'redis' }
}

/** What callers are told of an entry. */
export function toFound<V>(entry: Entry<V>, tier: Tier): FoundEntry<V> {
  return {
    value: entry.value,
    tier,
    createdAtMs: entry.createdAtMs,
    freshUntilMs: entry.freshUntilMs,
    revalidateUntilMs: entry.revalidateUntilMs,
    usableOnErrorUntilMs: entry.usableOnErrorUntilMs,
    tags: entry.tags,
    loadMs: entry.loadMs,
  }
}

/** The same of how a load ended. */
export function foundBy<V>({ entry, tier }: Outcome<V>): FoundEntry<V> {
  return toFound(entry, tier)
}

export function takeValue<V>({ value }: FoundEntry<V>): V {
  return value
}
