import type { Clock } from '../base/clock.ts'
import type { Duration } from '../base/duration.ts'
import type { Random } from '../base/random.ts'
import type { InferInput, InferOutput, StandardSchema } from '../base/standard-schema.ts'
import type { RedisInput } from '../redis/types.ts'
import type {
  CheckedDefineOptions,
  Definition,
  PlainDefineOptions,
  SparseDefineOptions,
} from './define-types.ts'
import type {
  BulkLoader,
  CacheEntry,
  EntryOptions,
  FoundEntry,
  Invalidated,
  Loader,
  LoadOptions,
} from './entry-types.ts'
import type { Inspection } from './inspection-types.ts'
import type { CacheEvents, CacheHealth, CacheStats } from './observing-types.ts'

export type {
  BulkLoadContext,
  BulkLoader,
  BulkValues,
  CacheEntry,
  EntryOptions,
  FoundEntry,
  Invalidated,
  LoadContext,
  Loader,
  LoadOptions,
  Tier,
} from './entry-types.ts'
export type {
  CopyState,
  Inspection,
  InvalidatedBy,
  LeaseInspection,
  LoadInspection,
  MemoryInspection,
  RedisInspection,
} from './inspection-types.ts'
export type { CacheEvents, CacheHealth, CacheStats, StoreOperation } from './observing-types.ts'

/**
 * Turns values into bytes and back, in place of the built-in codec.
 *
 * With `sizeOf` the memory tier keeps the very value it was given, which must then never change;
 * without it, a copy.
 */
export interface Serializer<V = unknown> {
  serialize(value: V): Uint8Array
  /** Throws on bytes that it cannot read: they count as a miss. */
  deserialize(bytes: Buffer): V
  /** Bytes that the value takes in memory. */
  sizeOf?(value: V): number
}

/** How values are compressed on their way to Redis; memory holds them as they are. */
export type CompressionAlgorithm = 'brotli' | 'gzip' | 'zstd'

/** Options of {@link CacheOptions.compression}. */
export interface CompressionOptions {
  /**
   * Values whose encoded form is smaller are written as they are, and so is what does not shrink by
   * a tenth. In bytes. @defaultValue 1024
   */
  threshold?: number | undefined
  /** `'zstd'` needs Node 22.15 (or 23.8) in every process that reads. @defaultValue `'brotli'` */
  algorithm?: CompressionAlgorithm | undefined
  /** 0 to 11 for brotli, 1 to 9 for gzip, 1 to 22 for zstd. @defaultValue 4, 6 and 3 */
  level?: number | undefined
}

/** What `cache.namespace(name, options)` may set apart from its parent. */
export interface NamespaceOptions extends EntryOptions {
  /** {@link CacheOptions.earlyRefresh} of this namespace. */
  earlyRefresh?: boolean | { beta?: number | undefined } | undefined
  serializer?: Serializer | undefined
  /** {@link CacheOptions.compression} of this namespace. */
  compression?: boolean | CompressionOptions | undefined
}

/** Options of {@link createCache}. */
export interface CacheOptions extends Omit<EntryOptions, 'tags'> {
  /** One Redis for all processes; absent means memory only. */
  redis?: RedisInput | undefined
  /** The first part of every key in Redis. @defaultValue `'hotpath'` */
  namespace?: string | undefined
  /** Bounds of the memory tier; `false` for none (then `redis` is needed). @defaultValue `{ maxEntries: 10_000, maxBytes: 64 MiB }` */
  memory?: { maxEntries?: number | undefined; maxBytes?: number | undefined } | false | undefined
  softTimeout?: Duration | undefined
  hardTimeout?: Duration | undefined
  /** Longest a command to Redis may take, queueing included. @defaultValue `'250ms'` */
  storeTimeout?: Duration | undefined
  /** After so long a load by another process is taken for dead and its key may be loaded by somebody else. @defaultValue `'30s'` */
  leaseTimeout?: Duration | undefined
  /**
   * How many loads may run at once in this process during the first ten seconds after Redis has come
   * back: if it has forgotten everything, the source must not be asked for everything at once.
   * @defaultValue 16
   */
  recoveryConcurrency?: number | undefined
  /**
   * Loads an entry anew shortly before it ends, while it is still served: at a random moment, the
   * likelier the nearer the end, the longer it takes to load and the more it is asked for. A larger
   * `beta` does so earlier; `true` is `{ beta: 1 }`.
   *
   * XFetch (Vattani et al., "Optimal Probabilistic Cache Stampede Prevention", VLDB 2015).
   * @defaultValue `false`
   */
  earlyRefresh?: boolean | { beta?: number | undefined } | undefined
  /**
   * How the memory tiers of several processes follow each other's writes: by `tracking` (Redis says
   * which keys change), by `pubsub` (the processes say it) or not at all. Where Redis does not allow
   * CLIENT TRACKING, and is no Cluster, `tracking` turns into `pubsub` and the event `coherence` says
   * so; see docs/redis.md.
   * @defaultValue `'tracking'`
   */
  coherence?: 'tracking' | 'pubsub' | 'none' | undefined
  /** How long memory may serve what Redis cannot vouch for while the connection is lost. @defaultValue `'1s'` */
  coherenceGrace?: Duration | undefined
  serializer?: Serializer | undefined
  /**
   * Compresses values in Redis: a tenth to a half of the room and the traffic, for 15 microseconds
   * and more with each value written and 6 with each one read. Large values are compressed and
   * decompressed by other threads. Caches that read each other's values need not agree on it.
   * `true` is `{}`.
   * @defaultValue `false`
   */
  compression?: boolean | CompressionOptions | undefined
  clock?: Clock | undefined
  random?: Random | undefined
}

/**
 * A cache in front of a slow source: memory first, Redis behind it, the loader last.
 *
 * No call rejects because of Redis. Values handed out are shared: plain objects and arrays among
 * them are frozen.
 */
export interface Cache {
  /**
   * The cached value of `key`, or what `load` gives, stored for `ttl`.
   *
   * `load` runs once for any number of concurrent callers; its error reaches each of them and is
   * not cached.
   */
  getOrSet<V>(key: string, load: Loader<V>, options?: LoadOptions): Promise<V>
  /** {@link Cache.getOrSet} with what the cache knows of the value and which tier answered. */
  getOrSetEntry<V>(key: string, load: Loader<V>, options?: LoadOptions): Promise<FoundEntry<V>>
  /**
   * The cached values of `keys`, in their order, and for those that are missing what `loadMissing`
   * gives: one call for all of them.
   *
   * Each key is loaded once for any number of concurrent callers of this and of `getOrSet`, here and
   * in other processes. An error of `loadMissing` rejects the call, unless `staleIfError` covers all
   * the keys that it was for. Gives `undefined` where `loadMissing` says that there is nothing.
   *
   * @example
   * ```ts
   * import { createCache } from '@hotpath/core'
   *
   * const cache = createCache({ ttl: '5m' })
   * const cities = await cache.getOrSetMany(['city:7', 'city:8'], async (missing) =>
   *   missing.map((key) => ({ key })),
   * )
   * console.log(cities.length) // 2
   * await cache.close()
   * ```
   */
  getOrSetMany<V>(
    keys: readonly string[],
    loadMissing: BulkLoader<V>,
    options?: LoadOptions,
  ): Promise<(V | undefined)[]>
  /** The fresh value of `key`; `undefined` when there is none. */
  get<V>(key: string): Promise<V | undefined>
  /** The fresh entry of `key`: tells a cached `undefined` from a miss. */
  getEntry<V>(key: string): Promise<FoundEntry<V> | undefined>
  /** The fresh values of `keys`, in their order, `undefined` for each miss. */
  getMany<V>(keys: readonly string[]): Promise<(V | undefined)[]>
  /** Whether a fresh value is cached. */
  has(key: string): Promise<boolean>
  /** The fresh value of `key` in the memory tier, at once. */
  peek<V>(key: string): V | undefined
  /** The fresh entry of `key` in the memory tier, at once. */
  peekEntry<V>(key: string): CacheEntry<V> | undefined
  set<V>(key: string, value: V, options?: EntryOptions): Promise<void>
  setMany<V>(
    entries: Iterable<readonly [key: string, value: V]>,
    options?: EntryOptions,
  ): Promise<void>
  /** Removes keys from every tier: once it resolves no load that began before can put them back. */
  delete(...keys: string[]): Promise<Invalidated>
  /** Removes every entry that carries any of `tags`, in one write a tag. */
  deleteByTag(...tags: string[]): Promise<Invalidated>
  /** Makes keys stale: they may still be served by `staleWhileRevalidate` and `staleIfError`. */
  expire(...keys: string[]): Promise<Invalidated>
  /** Makes every entry stale that carries any of `tags`. */
  expireByTag(...tags: string[]): Promise<Invalidated>
  /** Removes everything of this namespace and those inside it, in one write. */
  clear(): Promise<Invalidated>
  /** Loads and stores `key` now, whatever is cached. */
  refresh<V>(key: string, load: Loader<V>, options?: LoadOptions): Promise<V>
  /** `fn` with its results cached under the key that `options.key` gives its arguments. */
  wrap<A extends unknown[], V>(
    fn: (...args: A) => V | Promise<V>,
    options: LoadOptions & { key: (...args: A) => string },
  ): (...args: A) => Promise<V>
  /**
   * One kind of entry under typed keys: values are checked by a Standard Schema such as zod's when
   * they are loaded or come from Redis, and `version` keeps releases apart that store other shapes.
   *
   * A value from Redis that does not fit is a miss and a `rejected` event; one from the loader
   * rejects with `ERR_CACHE_VALUE_INVALID` and is not stored. What is stored is what was loaded; the
   * schema is applied once to each copy that comes into memory. See docs/typed-entries.md.
   *
   * @example
   * ```ts
   * import { createCache } from '@hotpath/core'
   * import { z } from 'zod'
   *
   * const cache = createCache()
   * const city = cache.define('city', {
   *   key: (id: number) => String(id),
   *   value: z.object({ name: z.string(), twinned: z.boolean().default(false) }),
   *   version: 2,
   *   ttl: '5m',
   *   tags: (id) => [`city:${id}`],
   *   load: async (id) => ({ name: `City ${id}` }),
   * })
   *
   * console.log(await city.get(7)) // { name: 'City 7', twinned: false }
   * await city.delete(7)
   * await cache.close()
   * ```
   */
  define<K, S extends StandardSchema>(
    name: string,
    options: CheckedDefineOptions<K, InferOutput<S>, InferInput<S>> & { value: S },
  ): Definition<K, InferOutput<S>, InferInput<S>>
  /** Without a schema: values are what the loader gives, and nothing checks them. */
  define<K, V>(name: string, options: PlainDefineOptions<K, V>): Definition<K, V>
  /** Without a schema, and with a `loadMany` that gives a Map, in which ids may be missing. */
  define<K, V>(name: string, options: SparseDefineOptions<K, V>): Definition<K, V | undefined>
  /** A cache over the same memory and Redis whose keys and `clear()` are its own. */
  namespace(name: string, options?: NamespaceOptions): Cache
  /**
   * What memory, Redis and a load under way know of a key, and what has invalidated it: for people
   * and for tests. It changes nothing, counts as nothing, and is not a picture of one moment. A Redis
   * that is away is `{ status: 'unavailable' }`.
   *
   * @example
   * ```ts
   * import { createCache } from '@hotpath/core'
   *
   * const cache = createCache({ ttl: '5m' })
   * await cache.set('city:7', { name: 'Lyon' }, { tags: ['france'] })
   * const { memory } = await cache.inspect('city:7')
   * console.log(memory.status === 'present' && memory.state) // fresh
   * await cache.close()
   * ```
   */
  inspect(key: string): Promise<Inspection>
  /** What was counted since the cache was made, all its namespaces together. */
  stats(): CacheStats
  /** How the cache is doing right now: for a readiness check, and for who is on call. */
  health(): CacheHealth
  /**
   * Calls `listener` for each event; returns what stops it. What it throws is an uncaught exception
   * in a later tick. The same events go to `node:diagnostics_channel`, see docs/observability.md.
   */
  on<E extends keyof CacheEvents>(event: E, listener: (detail: CacheEvents[E]) => void): () => void
  /** Ends background work and, if the cache made its own, the connection to Redis. Later calls go to their loaders. */
  close(): Promise<void>
}
