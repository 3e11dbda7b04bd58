import type { Clock } from '../base/clock.ts'
import type { Events } from '../base/events.ts'
import type { Random } from '../base/random.ts'
import type { MemoryTier } from '../memory/memory-tier.ts'
import type { RedisLink } from '../redis/types.ts'
import type { Announcements } from './announcements.ts'
import type { Entry } from './entry.ts'
import type { Fences } from './fences.ts'
import type { Flight } from './flight.ts'
import type { Journal } from './journal.ts'
import type { LoadPacing } from './load-pacing.ts'
import type { LocalCounters } from './local-counters.ts'
import type { RedisCounters } from './redis-counters.ts'
import type { RedisTier } from './redis-tier.ts'
import type { RefreshBackoff } from './refresh-backoff.ts'
import type { CacheEvents } from './types.ts'
import type { Unacknowledged } from './unacknowledged.ts'
import type { WakeUps } from './wake-ups.ts'

/** What a cache over Redis has beside its memory. */
export interface RedisState {
  readonly link: RedisLink
  readonly ownsLink: boolean
  readonly tier: RedisTier
  readonly counters: RedisCounters
  readonly announcements: Announcements
  readonly journal: Journal
  readonly unacknowledged: Unacknowledged
}

/** Counts for `cache.stats()`. */
export interface Counts {
  memoryHits: number
  redisHits: number
  staleHits: number
  misses: number
  loads: number
  loadErrors: number
  sets: number
  deletes: number
  refusedFills: number
  storeErrors: number
}

/** Everything that the namespaces of one cache share. */
export interface CacheState {
  readonly clock: Clock
  readonly random: Random
  readonly memory: MemoryTier<Entry> | undefined
  readonly local: LocalCounters
  readonly fences: Fences
  readonly flights: Map<string, Flight<unknown>>
  readonly events: Events<CacheEvents>
  readonly counts: Counts
  readonly redis: RedisState | undefined
  readonly backoff: RefreshBackoff
  readonly pacing: LoadPacing
  readonly wakeUps: WakeUps
  readonly leaseTimeoutMs: number
  readonly trust: Trust
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
  /** It hears of every invalidation as it happens. */
  isHearing: boolean
  lostAtMs: number
  graceEndsMs: number
}

/** Whether Redis may be read: it answers, and it has heard every invalidation made here. */
export function readableRedis(state: CacheState): RedisState | undefined {
  const { redis } = state
  const isReadable = redis?.link.isUsable && redis.journal.size === 0
  return isReadable && !state.isClosed ? redis : undefined
}

/** A command to Redis failed and the call goes on without it. */
export function reportStoreError(state: CacheState, operation: string, error: unknown): void {
  state.counts.storeErrors += 1
  state.events.emit('storeError', { operation, error })
}
