import { HotpathError } from '../base/errors.ts'
import { idWriter } from './define-key.ts'
import type { ParsedDefinition } from './define-options.ts'
import type { DefinedBulkContext, Definition } from './define-types.ts'
import type {
  BulkLoader,
  EntryOptions,
  Invalidated,
  LoadContext,
  Loader,
  LoadOptions,
} from './entry-types.ts'
import type { Inspection } from './inspection-types.ts'
import { LONGEST_KEY } from './keys.ts'
import type { Cache } from './types.ts'

/** The cache that holds a definition's entries, and no others. */
export interface DefinedStore extends Cache {
  /** What its ids in memory begin with. */
  readonly memoryPrefix: string
  /** `getOrSet` with the id of the key in memory. */
  getOrSetAt<V>(
    id: string,
    key: string,
    load: Loader<V>,
    options: LoadOptions | undefined,
  ): Promise<V>
  /** Removes what other versions hold of a key. */
  deleteElsewhere(key: string): Promise<Invalidated>
}

/** One kind of entry: it turns ids into keys and knows how to load; its cache does all else. */
export class DefinedEntries<K, V, In> implements Definition<K, V, In> {
  readonly name: string
  readonly version: number
  readonly #write: (id: K) => string
  readonly #keyPrefix: string
  readonly #memoryPrefix: string
  readonly #cache: DefinedStore
  readonly #definition: ParsedDefinition<K>

  constructor(name: string, definition: ParsedDefinition<K>, cache: DefinedStore) {
    this.name = name
    this.version = definition.version
    this.#write = idWriter(name, definition.key)
    this.#keyPrefix = `${name}:`
    this.#memoryPrefix = cache.memoryPrefix + this.#keyPrefix
    this.#definition = definition
    this.#cache = cache
  }

  readonly keyOf = (id: K): string => this.#keyPrefix + this.#write(id)

  get(id: K, options?: LoadOptions): Promise<V> {
    let text: string
    try {
      text = this.#write(id)
    } catch (error) {
      return Promise.reject(error)
    }
    const key = this.#keyPrefix + text
    const load = (context: LoadContext<V>): Promise<V> => this.#load(id, context)
    if (key.length > LONGEST_KEY) return this.#cache.getOrSet(key, load, options)
    return this.#cache.getOrSetAt(this.#memoryPrefix + text, key, load, options)
  }

  async getMany(ids: readonly K[], options?: LoadOptions): Promise<V[]> {
    const { loadMany } = this.#definition
    if (loadMany === undefined) return Promise.all(ids.map((id) => this.get(id, options)))
    const keys = ids.map(this.keyOf)
    const idsByKey = new Map(keys.map((key, index) => [key, ids[index] as K]))
    const loadMissing: BulkLoader<V> = (missing, { of, signal }) => {
      const missingIds = missing.map((key) => idsByKey.get(key) as K)
      return this.#loadMany(missingIds, { signal, of: (id) => of(this.keyOf(id)) })
    }
    // The cast: `undefined` is among the values where `V` says so.
    return (await this.#cache.getOrSetMany<V>(keys, loadMissing, options)) as V[]
  }

  peek(id: K): V | undefined {
    return this.#cache.peek<V>(this.keyOf(id))
  }

  async set(id: K, value: In, options?: EntryOptions): Promise<void> {
    const key = this.keyOf(id)
    const tags = [...this.#tagsOf(id), ...(options?.tags ?? [])]
    await Promise.all([
      this.#cache.set(key, value, { ...options, tags }),
      this.#cache.deleteElsewhere(key),
    ])
  }

  async delete(...ids: K[]): Promise<Invalidated> {
    return this.#cache.delete(...ids.map(this.keyOf))
  }

  async expire(...ids: K[]): Promise<Invalidated> {
    return this.#cache.expire(...ids.map(this.keyOf))
  }

  async refresh(id: K, options?: LoadOptions): Promise<V> {
    const key = this.keyOf(id)
    const load = (context: LoadContext<V>): Promise<V> => this.#load(id, context)
    const [value] = await Promise.all([
      this.#cache.refresh<V>(key, load, options),
      this.#cache.deleteElsewhere(key),
    ])
    return value
  }

  inspect(id: K): Promise<Inspection> {
    const inspection = (async () => this.#cache.inspect(this.keyOf(id)))()
    // Printers of test runners call it with what is no id, and let the answer lie.
    inspection.catch(() => {})
    return inspection
  }

  // What these two give is what the schema takes; the cache makes a `V` of it. The casts: the types
  // of the user's loaders were matched to the schema where they were defined.

  async #load(id: K, context: LoadContext<V>): Promise<V> {
    const { load } = this.#definition
    if (load === undefined) {
      const [value] = await this.#loadMany([id], { signal: context.signal, of: () => context })
      return value as V
    }
    context.addTags(...this.#tagsOf(id))
    return (await load(id, context as never)) as V
  }

  async #loadMany(ids: readonly K[], context: DefinedBulkContext<K, LoadContext<V>>): Promise<V[]> {
    for (const id of ids) context.of(id).addTags(...this.#tagsOf(id))
    const loaded = await this.#definition.loadMany?.(ids, context as never)
    return inOrder(this.name, ids, loaded) as V[]
  }

  #tagsOf(id: K): readonly string[] {
    const { tags = [] } = this.#definition
    return typeof tags === 'function' ? tags(id) : tags
  }
}

function inOrder<K>(name: string, ids: readonly K[], loaded: unknown): readonly unknown[] {
  if (loaded instanceof Map) return ids.map((id) => loaded.get(id))
  if (Array.isArray(loaded) && loaded.length === ids.length) return loaded
  const found = Array.isArray(loaded) ? `an array of ${loaded.length}` : typeof loaded
  throw new HotpathError(
    'ERR_CACHE_BULK_RESULT',
    `${name}: loadMany gave ${found}, wanted a Map by id, or an array of ${ids.length} in the order of its ids`,
  )
}
