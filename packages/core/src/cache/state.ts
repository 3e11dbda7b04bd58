import type { Clock } from '../base/clock.ts'
import type { Events } from '../base/events.ts'
import type { Random } from '../base/random.ts'
import type { MemoryTier } from '../memory/memory-tier.ts'
import type { RedisLink } from '../redis/types.ts'
import type { Entry } from './entry.ts'
import type { Fences } from './fences.ts'
import type { Flight } from './flight.ts'
import type { Journal } from './journal.ts'
import type { LoadHooks } from './load-hooks.ts'
import type { LoadPacing } from './load-pacing.ts'
import type { LocalCounters } from './local-counters.ts'
import type { RedisCounters } from './redis-counters.ts'
import type { RedisTier } from './redis-tier.ts'
import type { RefreshBackoff } from './refresh-backoff.ts'
import type { Stamp } from './stamp.ts'
import type { Counts, Tally } from './tally.ts'
import type { CacheEvents, StoreOperation } from './types.ts'
import type { Unacknowledged } from './unacknowledged.ts'
import type { WakeUps } from './wake-ups.ts'

/** What a cache over Redis has beside its memory. */
export interface RedisState {
  readonly link: RedisLink
  readonly ownsLink: boolean
  readonly tier: RedisTier
  readonly counters: RedisCounters
  readonly journal: Journal
  readonly unacknowledged: Unacknowledged
}

/** Everything that the namespaces of one cache share. */
export interface CacheState {
  readonly namespace: string
  /** A random name, by which this cache is told from all others of its namespace. */
  readonly instance: string
  readonly clock: Clock
  readonly random: Random
  readonly memory: MemoryTier<Entry> | undefined
  /** The counters by which everything is judged; with Redis, a copy of its. */
  readonly local: LocalCounters
  /** Those of what was loaded while Redis was away; without Redis the same. */
  readonly offline: LocalCounters
  readonly fences: Fences
  readonly flights: Map<string, Flight<unknown>>
  readonly events: Events<CacheEvents>
  readonly tally: Tally
  readonly counts: Counts
  readonly redis: RedisState | undefined
  readonly backoff: RefreshBackoff
  readonly pacing: LoadPacing
  readonly wakeUps: WakeUps
  readonly loadHooks: LoadHooks
  readonly leaseTimeoutMs: number
  readonly trust: Trust
  /** How many loads have begun without a lease, though there is Redis to have one from. */
  unleasedLoads: number
  /** Names of leases, no two alike in any process. */
  readonly nextToken: () => string
  isClosed: boolean
}

/**
 * Whether memory can vouch for what it holds. While it hears of other processes' invalidations, or
 * need not, `graceEndsMs` is Infinity. While it does not, what it held when the connection was lost
 * may be served until then, and what comes in meanwhile for no longer than `graceMs`.
 */
export interface Trust {
  readonly graceMs: number
  /** There is a memory, and others whose writes concern it. */
  readonly isNeeded: boolean
  /** It hears of every invalidation as it happens. */
  isHearing: boolean
  /** And from Redis itself: what others publish may come late. */
  isPrompt: boolean
  lostAtMs: number
  graceEndsMs: number
}

/** The counters that a stamp was made by. */
export function countersOf({ local, offline }: CacheState, { isOffline }: Stamp): LocalCounters {
  return isOffline ? offline : local
}

/** Whether Redis may be read: it answers, and it has heard every invalidation made here. */
export function readableRedis(state: CacheState): RedisState | undefined {
  const { redis } = state
  const isReadable = redis?.link.isUsable && !redis.journal.hasInvalidations
  return isReadable && !state.isClosed ? redis : undefined
}

/** A command to Redis failed and the call goes on without it. */
export function reportStoreError(
  state: CacheState,
  operation: StoreOperation,
  error: unknown,
): void {
  state.counts.storeErrors += 1
  state.tally.storeErrorsBy[operation] += 1
  state.events.emit('storeError', { operation, error })
}
