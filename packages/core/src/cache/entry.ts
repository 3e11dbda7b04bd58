import type { Contract } from './contract.ts'
import type { Stamp } from './stamp.ts'
import type { CacheEntry } from './types.ts'

/** How long an entry lives, in milliseconds. The stale windows start when freshness ends. */
export interface Lifetime {
  readonly ttlMs: number
  readonly staleWhileRevalidateMs: number
  readonly staleIfErrorMs: number
}

/** How long after its creation an entry is of use to nobody. */
export function totalMs(lifetime: Lifetime): number {
  return lifetime.ttlMs + staleMs(lifetime)
}

/** The longer of the stale windows. */
export function staleMs(lifetime: Lifetime): number {
  return Math.max(lifetime.staleWhileRevalidateMs, lifetime.staleIfErrorMs)
}

/** An entry as the cache holds it. */
export class Entry<V = unknown> implements CacheEntry<V> {
  value: V
  bytes: number
  /** What is stored: `value`, unless a schema has made that of it. */
  readonly source: unknown
  /** By which the value was checked; `undefined` outside definitions. */
  contract: Contract | undefined
  readonly tags: readonly string[]
  readonly stamp: Stamp
  readonly lifetime: Lifetime
  createdAtMs: number
  freshUntilMs: number
  revalidateUntilMs: number
  usableOnErrorUntilMs: number
  /** When this copy came into this process's memory. */
  storedAtMs = 0
  /** The local revision of the counters by which this copy was last found valid. */
  checkedRevision = -1
  /** How long it took to load; 0 if that is not known. */
  loadMs = 0
  /** Until when the copy in Redis is fresh, by Redis's clock: what tells it from others. 0 if unknown. */
  redisFreshUntilMs = 0
  #promise: Promise<V> | undefined

  constructor(
    value: V,
    bytes: number,
    tags: readonly string[],
    stamp: Stamp,
    lifetime: Lifetime,
    freshUntilMs: number,
  ) {
    this.value = value
    this.bytes = bytes
    this.source = value
    this.tags = tags
    this.stamp = stamp
    this.lifetime = lifetime
    this.createdAtMs = freshUntilMs - lifetime.ttlMs
    this.freshUntilMs = freshUntilMs
    this.revalidateUntilMs = freshUntilMs + lifetime.staleWhileRevalidateMs
    this.usableOnErrorUntilMs = freshUntilMs + lifetime.staleIfErrorMs
  }

  /** The value as a promise, made once: a hit allocates nothing. */
  get promise(): Promise<V> {
    this.#promise ??= Promise.resolve(this.value)
    return this.#promise
  }

  /** Gives out what its schema makes of the value, from before anybody has seen it. */
  adopt(contract: Contract, value: V): void {
    this.contract = contract
    if (value === this.value) return
    this.value = value
    // Both are kept: a refresh may want the one, readers want the other.
    this.bytes *= 2
  }

  /** Ends freshness now; the stale windows start now. */
  expire(nowMs: number): void {
    const shiftMs = Math.max(this.freshUntilMs - nowMs, 0)
    this.freshUntilMs -= shiftMs
    this.revalidateUntilMs -= shiftMs
    this.usableOnErrorUntilMs -= shiftMs
  }

  /** A copy of which every use ends at `atMs` at the latest; what callers are given stays as it is. */
  capped(atMs: number): Entry<V> {
    const { value, bytes, contract, tags, stamp, lifetime } = this
    const { loadMs, redisFreshUntilMs, checkedRevision } = this
    const copy = new Entry(this.source as V, bytes, tags, stamp, lifetime, this.freshUntilMs)
    Object.assign(copy, { value, contract, loadMs, redisFreshUntilMs, checkedRevision })
    copy.createdAtMs = this.createdAtMs
    copy.freshUntilMs = Math.min(this.freshUntilMs, atMs)
    copy.revalidateUntilMs = Math.min(this.revalidateUntilMs, atMs)
    copy.usableOnErrorUntilMs = Math.min(this.usableOnErrorUntilMs, atMs)
    return copy
  }
}

/** What may be done with an entry at a moment. */
export type Use =
  | 'fresh'
  /** Serve it now and refresh it behind. */
  | 'revalidate'
  /** Serve it only if the loader fails. */
  | 'on-error'
  | 'unusable'

export function decideUse(entry: CacheEntry<unknown>, nowMs: number): Use {
  if (nowMs < entry.freshUntilMs) return 'fresh'
  if (nowMs < entry.revalidateUntilMs) return 'revalidate'
  return nowMs < entry.usableOnErrorUntilMs ? 'on-error' : 'unusable'
}
