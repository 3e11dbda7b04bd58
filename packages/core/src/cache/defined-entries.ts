import { HotpathError } from '../base/errors.ts'
import { keyWriter } from './define-key.ts'
import type { ParsedDefinition } from './define-options.ts'
import type { DefinedBulkContext, Definition } from './define-types.ts'
import type {
  BulkLoader,
  EntryOptions,
  Invalidated,
  LoadContext,
  LoadOptions,
} from './entry-types.ts'
import type { Cache } from './types.ts'

/** Removes what other versions hold of a key. */
type DeleteElsewhere = (key: string) => Promise<Invalidated>

/** One kind of entry: it turns ids into keys and knows how to load; its cache does all else. */
export class DefinedEntries<K, V, In> implements Definition<K, V, In> {
  readonly name: string
  readonly version: number
  readonly keyOf: (id: K) => string
  readonly #cache: Cache
  readonly #deleteElsewhere: DeleteElsewhere
  readonly #definition: ParsedDefinition<K>

  /** `cache` holds its entries and no others. */
  constructor(
    name: string,
    definition: ParsedDefinition<K>,
    cache: Cache,
    deleteElsewhere: DeleteElsewhere,
  ) {
    this.name = name
    this.version = definition.version
    this.keyOf = keyWriter(name, definition.key)
    this.#definition = definition
    this.#cache = cache
    this.#deleteElsewhere = deleteElsewhere
  }

  get(id: K, options?: LoadOptions): Promise<V> {
    let key: string
    try {
      key = this.keyOf(id)
    } catch (error) {
      return Promise.reject(error)
    }
    return this.#cache.getOrSet<V>(key, (context) => this.#load(id, context), options)
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
      this.#deleteElsewhere(key),
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
      this.#deleteElsewhere(key),
    ])
    return value
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
