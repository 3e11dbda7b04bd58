import { keyWriter } from './define-key.ts'
import type { ParsedDefinition } from './define-options.ts'
import type { Definition, LoadedMany } from './define-types.ts'
import type { EntryOptions, Invalidated, LoadContext, LoadOptions } from './entry-types.ts'
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

  getMany(ids: readonly K[], options?: LoadOptions): Promise<V[]> {
    return Promise.all(ids.map((id) => this.get(id, options)))
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

  /** The cache makes a `V` of what this gives, by the schema. */
  async #load(id: K, context: LoadContext<V>): Promise<V> {
    const { load, loadMany } = this.#definition
    context.addTags(...this.#tagsOf(id))
    // The casts: what the user's loaders take and give was matched to the schema where they were defined.
    if (load !== undefined) return (await load(id, context as never)) as V
    const loaded = await loadMany?.([id], context)
    return loadedFor(loaded as LoadedMany<K, V>, id)
  }

  #tagsOf(id: K): readonly string[] {
    const { tags = [] } = this.#definition
    return typeof tags === 'function' ? tags(id) : tags
  }
}

function loadedFor<K, V>(loaded: LoadedMany<K, V>, id: K): V {
  return (isMap(loaded) ? loaded.get(id) : loaded[0]) as V
}

function isMap<K, V>(loaded: LoadedMany<K, V>): loaded is ReadonlyMap<K, V> {
  return loaded instanceof Map
}
