import type { Applied } from './history.ts'

/** What is cached: a version of a key, and something to give it weight. */
export interface Versioned {
  readonly key: string
  readonly version: number
  readonly padding: string
}

/** What a cache says of itself while it runs. */
export type Declaration =
  /** It hears of other processes' writes, or no longer does. */
  | { readonly kind: 'hearing'; readonly isHearing: boolean }
  /** It reaches Redis, or no longer does. */
  | { readonly kind: 'link'; readonly isUp: boolean }

/** How a driver is to open its cache. */
export interface OpenSettings {
  /** Redis, behind a proxy of this process's own. */
  readonly redisUrl: string
  /** Sets the keys of this run apart. */
  readonly namespace: string
  /** For so long memory may serve what it can no longer vouch for. */
  readonly graceMs: number
  /** After so long the holder of a lease is taken for dead. */
  readonly leaseTimeoutMs: number
  /** How many entries memory may hold: fewer than there are keys. */
  readonly maxEntries: number
  /** To be called whenever it has something to declare. */
  readonly declare: (declaration: Declaration) => void
}

/** How a key is to be cached. */
export interface KeyTraits {
  readonly key: string
  readonly ttlMs: number
  readonly tags: readonly string[]
}

/**
 * A cache of two tiers, as the checker uses it. What it cannot do it leaves out. An invalidation that
 * it knows to have failed answers `local`: nobody else need follow it.
 */
export interface CoherentCache {
  getOrSet(traits: KeyTraits, load: () => Promise<Versioned>): Promise<Versioned>
  get(key: string): Promise<Versioned | undefined>
  getMany(keys: readonly string[]): Promise<(Versioned | undefined)[]>
  set(traits: KeyTraits, value: Versioned): Promise<void>
  delete(key: string): Promise<Applied>
  deleteByTag?(tag: string): Promise<Applied>
  /** Without any stale window, so that it is over for the key as by a delete. */
  expire?(key: string): Promise<Applied>
  clear(): Promise<Applied>
  /** How many invalidations have not reached Redis yet. */
  queued?(): number
  close(): Promise<void>
}

/** What a driver's module exports by the name of `driver`. */
export interface Driver {
  readonly name: string
  /** Whether its cache tells when it does not hear of others' writes. */
  readonly declares: boolean
  open(settings: OpenSettings): CoherentCache | Promise<CoherentCache>
}
