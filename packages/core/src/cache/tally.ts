import type { Events } from '../base/events.ts'
import type { Topic } from '../base/topic.ts'
import type { CacheEvents, StoreOperation } from './types.ts'

/** Counts for `cache.stats()`. */
export interface Counts {
  memoryHits: number
  redisHits: number
  staleHits: number
  misses: number
  coalesced: number
  loads: number
  loadErrors: number
  leaseWaits: number
  sets: number
  deletes: number
  expires: number
  tagDeletes: number
  tagExpires: number
  clears: number
  refusedFills: number
  rejected: number
  corrupted: number
  storeErrors: number
}

/** What is counted where answers are found, and told to those who listen. */
export class Tally {
  readonly counts: Counts = noCounts()
  readonly storeErrorsBy: Record<StoreOperation, number> = noStoreErrors()
  readonly #hits: Topic<CacheEvents['hit']>
  readonly #misses: Topic<CacheEvents['miss']>

  constructor(events: Events<CacheEvents>) {
    this.#hits = events.topic('hit')
    this.#misses = events.topic('miss')
  }

  /** The hot path: while nobody listens, a number and two flags. */
  memoryHit(key: string): void {
    this.counts.memoryHits += 1
    if (this.#hits.isHeard) this.#hits.emit({ key, tier: 'memory', stale: false })
  }

  redisHit(key: string): void {
    this.counts.redisHits += 1
    if (this.#hits.isHeard) this.#hits.emit({ key, tier: 'redis', stale: false })
  }

  staleHit(key: string, tier: 'memory' | 'redis'): void {
    this.counts.staleHits += 1
    if (this.#hits.isHeard) this.#hits.emit({ key, tier, stale: true })
  }

  miss(key: string): void {
    this.counts.misses += 1
    if (this.#misses.isHeard) this.#misses.emit({ key })
  }
}

function noCounts(): Counts {
  return {
    memoryHits: 0,
    redisHits: 0,
    staleHits: 0,
    misses: 0,
    coalesced: 0,
    loads: 0,
    loadErrors: 0,
    leaseWaits: 0,
    sets: 0,
    deletes: 0,
    expires: 0,
    tagDeletes: 0,
    tagExpires: 0,
    clears: 0,
    refusedFills: 0,
    rejected: 0,
    corrupted: 0,
    storeErrors: 0,
  }
}

function noStoreErrors(): Record<StoreOperation, number> {
  return { get: 0, lease: 0, set: 0, release: 0, invalidate: 0, replay: 0 }
}
