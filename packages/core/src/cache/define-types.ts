import type { Duration } from '../base/duration.ts'
import type { StandardSchema } from '../base/standard-schema.ts'
import type { EntryOptions, Invalidated, LoadContext, LoadOptions } from './entry-types.ts'
import type { Inspection } from './inspection-types.ts'

/**
 * Gives each argument its key: a function that writes it as text, or a schema of text, numbers or
 * booleans, which are then checked at each call. Arguments of one text are one entry: `7` and `'7'`
 * for instance.
 */
export type DefinedKey<K> = ((id: K) => string) | StandardSchema<K, unknown>

/** What {@link Cache.define} is told besides `value` and how to load. */
export interface DefineOptions<K> extends Omit<EntryOptions, 'tags'> {
  key: DefinedKey<K>
  /**
   * Of the values' shape: raise it by one with each change that older releases, or this one, could
   * not read. Releases of different versions may run side by side; neither reads what the other has
   * stored, while `delete`, `expire` and `set` reach the entries of both.
   * @defaultValue 1
   */
  version?: number | undefined
  /** Tags of each entry, beside those that its loader adds. */
  tags?: readonly string[] | ((id: K) => readonly string[]) | undefined
  /** {@link CacheOptions.earlyRefresh} of this definition. */
  earlyRefresh?: boolean | { beta?: number | undefined } | undefined
  /** {@link LoadOptions.softTimeout} */
  softTimeout?: Duration | undefined
  /** {@link LoadOptions.hardTimeout} */
  hardTimeout?: Duration | undefined
}

/** What `loadMany` is given besides the ids. */
export interface DefinedBulkContext<K, Context> {
  /** Aborts when nobody waits for any of the ids any more. */
  readonly signal: AbortSignal
  /** The context of one id: its stale entry, and what its new one is to be. */
  of(id: K): Context
}

/** What `loadMany` gives: values in the order of the ids it was given, or by id. An id that the Map lacks is `undefined`. */
export type LoadedMany<K, In> = readonly In[] | ReadonlyMap<K, In>

/** How a definition loads what is missing: one value, many at once, or either. */
export interface DefinedLoaders<K, In, Context, Many = LoadedMany<K, In>> {
  /** Loads one value; without it `loadMany` does. */
  load?: ((id: K, context: Context) => In | Promise<In>) | undefined
  /** Loads all that `getMany` misses in one call; without it `load` is called for each. */
  loadMany?:
    | ((ids: readonly K[], context: DefinedBulkContext<K, Context>) => Many | Promise<Many>)
    | undefined
}

/** What a loader without a schema is given: of the value it knows nothing yet. */
export type PlainContext = LoadContext<unknown, never>

/** Options of {@link Cache.define} with a schema. */
export interface CheckedDefineOptions<K, V, In>
  extends DefineOptions<K>,
    DefinedLoaders<K, In, LoadContext<V, In>> {}

/** Options of {@link Cache.define} without a schema. */
export interface PlainDefineOptions<K, V, Many = readonly V[]>
  extends DefineOptions<K>,
    DefinedLoaders<K, V, PlainContext, Many> {
  value?: undefined
}

/** The same with a `loadMany` that may have nothing for some ids. */
export interface SparseDefineOptions<K, V> extends PlainDefineOptions<K, V, ReadonlyMap<K, V>> {
  loadMany: NonNullable<PlainDefineOptions<K, V, ReadonlyMap<K, V>>['loadMany']>
}

/**
 * One kind of entry in a cache, as {@link Cache.define} makes it: typed keys, checked values, and the
 * way to load them. `In` is what its schema takes, `V` what the schema makes of that.
 */
export interface Definition<K, V, In = V> {
  readonly name: string
  readonly version: number
  /** The cached value, or what is loaded and stored. Rejects with `ERR_CACHE_VALUE_INVALID` when what was loaded does not fit. */
  get(id: K, options?: LoadOptions): Promise<V>
  /** The values of `ids` in their order; `loadMany` is called once for all that are missing. */
  getMany(ids: readonly K[], options?: LoadOptions): Promise<V[]>
  /** The fresh value in the memory tier, at once; `undefined` when there is none. */
  peek(id: K): V | undefined
  /** Stores a value that is known. One that does not fit is refused with `ERR_CACHE_VALUE_INVALID`. */
  set(id: K, value: In, options?: EntryOptions): Promise<void>
  /** Removes entries, those of other versions as well. {@link Cache.delete} */
  delete(...ids: K[]): Promise<Invalidated>
  /** Makes entries stale, those of other versions as well. {@link Cache.expire} */
  expire(...ids: K[]): Promise<Invalidated>
  /** Loads and stores a value now, whatever is cached. */
  refresh(id: K, options?: LoadOptions): Promise<V>
  /** What each tier knows of an entry of this version. {@link Cache.inspect} */
  inspect(id: K): Promise<Inspection>
  /** The key that events, `ctx.key` and error messages show: `city:7`. */
  keyOf(id: K): string
}
