import type { Duration } from '../base/duration.ts'

/** Where an answer came from. `loader`: nothing usable was cached, so the loader ran. */
export type Tier = 'memory' | 'redis' | 'loader'

/** A cached value with what the cache knows of it. Times are this process's clock. */
export interface CacheEntry<V> {
  readonly value: V
  readonly createdAtMs: number
  /** Until then the entry is fresh; after it, stale. */
  readonly freshUntilMs: number
  /** Until then a stale entry may be served while it is refreshed in the background. */
  readonly revalidateUntilMs: number
  /** Until then it may be served when its loader fails. */
  readonly usableOnErrorUntilMs: number
  readonly tags: readonly string[]
  /** How long its load took, in milliseconds; 0 if that is not known. */
  readonly loadMs: number
}

/** A {@link CacheEntry} and which tier answered. */
export interface FoundEntry<V> extends CacheEntry<V> {
  readonly tier: Tier
}

/** How long a value lives and which tags invalidate it. Each option left out is the cache's own. */
export interface EntryOptions {
  /** How long a value is fresh. */
  ttl?: Duration | undefined
  /**
   * How long past `ttl` a stale value is served at once while one load refreshes it behind.
   *
   * RFC 5861 section 3 names it.
   * @defaultValue 0 (off)
   */
  staleWhileRevalidate?: Duration | undefined
  /**
   * How long past `ttl` a stale value is served when its loader fails.
   *
   * RFC 5861 section 4 names it; explicit deletes are never overridden by it.
   * @defaultValue 0 (off)
   */
  staleIfError?: Duration | undefined
  /** How long `null` and `undefined` are fresh. @defaultValue `ttl` */
  negativeTtl?: Duration | undefined
  /** Shortens each `ttl` by a random part, up to this fraction of it (0 to 1), so that entries written together do not expire together. @defaultValue 0 */
  jitter?: number | undefined
  /** Groups of entries that {@link Cache.deleteByTag} removes together. */
  tags?: readonly string[] | undefined
}

/** What a single load may be told. */
export interface LoadOptions extends EntryOptions {
  /** Gives this caller up; the load goes on for the others and is aborted when nobody waits any more. */
  signal?: AbortSignal | undefined
  /** Longest a caller waits for a load while a stale value is at hand; then it gets the stale one and the load goes on. @defaultValue none */
  softTimeout?: Duration | undefined
  /** Longest a caller waits for a load at all; then the call rejects with `ERR_CACHE_LOADER_TIMEOUT` (or answers stale by `staleIfError`). @defaultValue none */
  hardTimeout?: Duration | undefined
}

/** What a loader is given. `In` is what it may give, where a schema makes `V` of that. */
export interface LoadContext<V, In = V> {
  readonly key: string
  /** Aborts when nobody waits for this load any more. */
  readonly signal: AbortSignal
  /** The stale entry that this load replaces, for conditional requests to the source. */
  readonly stale: CacheEntry<V> | undefined
  /** Nobody waits for it: `stale`, which is served meanwhile, is refreshed behind. */
  readonly isBackground: boolean
  /**
   * Whether something may have been invalidated since the load began: what it brings is not for who
   * asks from now on.
   */
  readonly isOvertaken: boolean
  /** Sets the `ttl` of the value being loaded. */
  setTtl(ttl: Duration): void
  /** Sets any of the {@link EntryOptions} of the value being loaded, `tags` excepted. */
  setOptions(options: Omit<EntryOptions, 'tags'>): void
  /** Adds tags to the value being loaded; its fence covers them from the moment the load began. */
  addTags(...tags: string[]): void
  /** Hands the value to the callers without storing it. */
  skip(): void
  /** Keeps the stale value, and its tags, for another `ttl`: `return ctx.notModified()`. Throws when there is none. */
  notModified(): In
}

/** Loads the value of a key from its source. A plain value will do as well as a promise. */
export type Loader<V> = (context: LoadContext<V>) => V | Promise<V>

/** What a bulk loader is given. */
export interface BulkLoadContext<V> {
  /** Aborts when nobody waits for any of the keys any more. */
  readonly signal: AbortSignal
  /** The context of one key: its stale entry, and what its new one is to be. */
  of(key: string): LoadContext<V>
}

/**
 * Loads the values of many keys at once: an array in the order of `missing`, or a Map by key. A key
 * that the Map does not have is `undefined`, and is cached as such for `negativeTtl`.
 */
export type BulkLoader<V> = (
  missing: readonly string[],
  context: BulkLoadContext<V>,
) => BulkValues<V> | Promise<BulkValues<V>>

/** What a {@link BulkLoader} gives. */
export type BulkValues<V> = readonly V[] | ReadonlyMap<string, V>

/**
 * How far an invalidation has reached when its call returns: `everywhere` (every tier of every
 * process), `queued` (here now, and everywhere before Redis is read again after its outage), or
 * `local` (there is no Redis: here is everywhere).
 */
export interface Invalidated {
  readonly applied: 'everywhere' | 'queued' | 'local'
}
