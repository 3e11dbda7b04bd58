import { decideUse, type Entry, type Use } from './entry.ts'
import type { Fence } from './fences.ts'
import type { Scope } from './scope.ts'
import { type CacheState, countersOf } from './state.ts'

/** Whether a copy in memory may be used at all: not invalidated, and vouched for. Cheap on a hit. */
export function isServable(state: CacheState, scope: Scope, entry: Entry, nowMs: number): boolean {
  // Another definition of the same name has checked it by another schema.
  if (entry.contract !== scope.contract) return false
  if (entry.checkedRevision !== state.local.revision && !recheck(state, scope, entry, nowMs)) {
    return false
  }
  return nowMs < state.trust.graceEndsMs || entry.storedAtMs > state.trust.lostAtMs
}

/** An invalidation has happened since the copy was last looked at: did it concern it? */
function recheck(state: CacheState, scope: Scope, entry: Entry, nowMs: number): boolean {
  const verdict = countersOf(state, entry.stamp).judge(entry, scope.paths)
  if (verdict === 'invalid' || verdict === 'unknown') return false
  if (verdict === 'stale') entry.expire(nowMs)
  entry.checkedRevision = state.local.revision
  return true
}

/** The copy in memory and what may be done with it. */
export function findInMemory(
  state: CacheState,
  scope: Scope,
  id: string,
): { entry: Entry; use: Use } | undefined {
  const entry = state.memory?.get(id)
  if (entry === undefined) return undefined
  const nowMs = state.clock.now()
  if (!isServable(state, scope, entry, nowMs)) return undefined
  return { entry, use: decideUse(entry, nowMs) }
}

/**
 * Whether a stale copy may stand in for a load that failed. `fence` is the load's: what was
 * invalidated since it began is gone.
 */
export function isUsableOnError(
  state: CacheState,
  scope: Scope,
  fence: Fence,
  entry: Entry,
): boolean {
  const nowMs = state.clock.now()
  if (fence.isBreached || nowMs >= entry.usableOnErrorUntilMs) return false
  return isServable(state, scope, entry, nowMs)
}

/** Keeps a copy in memory, unless an invalidation has overtaken it. */
export function keepInMemory(state: CacheState, fence: Fence, entry: Entry): void {
  if (!fence.isBreached) keepCopy(state, fence.id, entry)
}

/** The same for who has looked at the fence. */
export function keepCopy(state: CacheState, id: string, entry: Entry): void {
  if (state.memory === undefined || state.isClosed) return
  const nowMs = state.clock.now()
  const isVouchedFor = state.trust.graceEndsMs === Number.POSITIVE_INFINITY
  const kept = isVouchedFor ? entry : entry.capped(nowMs + state.trust.graceMs)
  kept.storedAtMs = nowMs
  if (decideUse(kept, nowMs) !== 'unusable') state.memory.set(id, kept)
}

/**
 * Keeps a copy in memory that Redis may not have: of what it does not have, Redis tells no news. So
 * it is kept only while Redis is away, and no longer than memory may go unvouched for.
 */
export function keepUnvouched(state: CacheState, fence: Fence, entry: Entry): void {
  if (state.redis?.link.isUsable) return
  const isAll = state.redis === undefined
  keepInMemory(state, fence, isAll ? entry : entry.capped(state.clock.now() + state.trust.graceMs))
}
