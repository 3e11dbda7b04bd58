import type { StandardIssue } from '../base/standard-schema.ts'
import type { LinkState } from '../redis/types.ts'

/** What the cache was doing when a command to Redis failed. */
export type StoreOperation = 'get' | 'lease' | 'set' | 'release' | 'invalidate' | 'replay'

/** Counts since the cache was made, for all its namespaces together. */
export interface CacheStats {
  /** Answers from fresh entries in memory, those of `peek` and `peekEntry` included. */
  readonly memoryHits: number
  /** Answers from fresh entries in Redis. */
  readonly redisHits: number
  /** Answers from stale entries, by `staleWhileRevalidate` or `staleIfError`. */
  readonly staleHits: number
  /** Calls that found nothing usable: each began a load, or got `undefined`. */
  readonly misses: number
  /** Calls that waited for a load which another call in this process had begun. */
  readonly coalesced: number
  /** Calls of loaders, one for each key. */
  readonly loads: number
  /** Loads that gave no value that could be kept. */
  readonly loadErrors: number
  /** Loads that first had to wait for another process, which was loading the same key. */
  readonly leaseWaits: number
  readonly sets: number
  /** Keys given to `delete`. */
  readonly deletes: number
  /** Keys given to `expire`. */
  readonly expires: number
  /** Tags given to `deleteByTag`. */
  readonly tagDeletes: number
  /** Tags given to `expireByTag`. */
  readonly tagExpires: number
  /** Calls of `clear`. */
  readonly clears: number
  /** Loads whose key was invalidated meanwhile, so that their value was not kept. */
  readonly refusedFills: number
  /** Values from Redis that did not fit the schema of their definition. */
  readonly rejected: number
  /** Entries in Redis that could not be read. */
  readonly corrupted: number
  /** Commands to Redis that failed; no call failed with them. */
  readonly storeErrors: number
  readonly storeErrorsByOperation: Readonly<Record<StoreOperation, number>>
  /** Entries that left memory for want of room. */
  readonly evictions: number
  readonly memoryEntries: number
  /** About what memory holds, keys included. */
  readonly memoryBytes: number
}

/** How the cache is doing right now. */
export interface CacheHealth {
  /** `degraded`: Redis is configured and away; the cache goes on in memory. */
  readonly status: 'ok' | 'degraded'
  readonly redis: LinkState
  /**
   * `open`: commands to Redis fail at once, and a probe looks for the way back. Redis `down` with the
   * breaker `closed` is one that has not answered yet.
   */
  readonly breaker: 'closed' | 'open' | 'absent'
  /**
   * Whether memory hears of other processes' writes. `lost`: not now, so it serves what it holds for
   * `coherenceGrace` at most. `off`: there is nobody or nothing to follow, or `coherence` is `'none'`.
   */
  readonly coherence: 'armed' | 'lost' | 'off'
  /** Invalidations that Redis has not heard of yet; it is not read before it has. */
  readonly queuedInvalidations: number
  readonly loads: {
    /** Keys that are being loaded in this process. */
    readonly underWay: number
    /** Those of them that wait for another process. */
    readonly waitingForLease: number
    /** Those of them that wait for their turn, Redis having just come back: `recoveryConcurrency`. */
    readonly heldBack: number
  }
  readonly memory: { readonly entries: number; readonly bytes: number }
}

/**
 * What `cache.on(event, listener)` can hear. Each is also a message on the diagnostics channel
 * `hotpath:cache:<event>`, with the cache's `namespace` beside it. Events carry keys; metrics made
 * from them must not.
 */
export interface CacheEvents {
  hit: { key: string; tier: 'memory' | 'redis'; stale: boolean }
  miss: { key: string }
  /** A loader has given its value. */
  load: { key: string; durationMs: number }
  loadError: { key: string; error: unknown; background: boolean }
  /** A load finished after its key was invalidated; its value was not stored. */
  refused: { key: string }
  /** Redis went away or came back: once per change. */
  state: { redis: LinkState }
  /** Memory lost or regained the way by which it hears of other processes' writes: once per change. */
  coherence: { isArmed: boolean; mode: 'tracking' | 'pubsub'; error: unknown }
  /** A command to Redis failed; the call went on without it. */
  storeError: { operation: StoreOperation; error: unknown }
  /** A value in Redis no longer fits the schema of its definition; it counts as a miss. Issues may quote the value. */
  rejected: { key: string; issues: readonly StandardIssue[] }
  /** Bytes under one of our keys could not be read; they count as a miss. */
  corrupted: { key: string; error: unknown }
  invalidated: { keys: readonly string[]; tags: readonly string[]; cleared: boolean }
}
