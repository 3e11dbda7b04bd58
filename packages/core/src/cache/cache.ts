import { invalidOption } from '../base/errors.ts'
import { resolveOptions } from '../base/options.ts'
import type { MemoryTier } from '../memory/memory-tier.ts'
import { type AnyDefineOptions, resolveDefinition } from './define-options.ts'
import { definedScope } from './define-scope.ts'
import type { Definition } from './define-types.ts'
import { DefinedEntries, type DefinedStore } from './defined-entries.ts'
import type { Entry } from './entry.ts'
import { overrideDefaults, resolveLoadOptions } from './entry-options.ts'
import { takeValue, toFound } from './held.ts'
import type { Inspection } from './inspection-types.ts'
import type { Instrumented, Instruments } from './instruments.ts'
import type { Lookup } from './interpreting.ts'
import { internalKey } from './keys.ts'
import { namespaceSchema } from './options.ts'
import type { CacheParts } from './parts.ts'
import { healthOf, statsOf } from './report.ts'
import { innerScope, requireKey, requireTag, type Scope } from './scope.ts'
import { isServable } from './shelf.ts'
import type { CacheState } from './state.ts'
import type { Tally } from './tally.ts'
import type {
  BulkLoader,
  Cache,
  CacheEntry,
  CacheEvents,
  CacheHealth,
  CacheStats,
  EntryOptions,
  FoundEntry,
  Invalidated,
  Loader,
  LoadOptions,
  NamespaceOptions,
} from './types.ts'

/** One namespace of a cache. Hits in memory are answered here; all else is for the parts. */
export class ScopedCache implements DefinedStore, Instrumented {
  readonly #parts: CacheParts
  readonly #state: CacheState
  readonly #scope: Scope
  // Taken out of the state for the hot path.
  readonly #memory: MemoryTier<Entry> | undefined
  readonly #tally: Tally
  readonly memoryPrefix: string
  readonly #now: () => number
  readonly #earlyBeta: number

  constructor(parts: CacheParts, scope: Scope) {
    this.#parts = parts
    this.#state = parts.state
    this.#scope = scope
    this.#memory = parts.state.memory
    this.memoryPrefix = scope.memoryPrefix
    this.#earlyBeta = scope.defaults.earlyBeta
    this.#tally = parts.state.tally
    const { clock } = parts.state
    this.#now = clock.now === Date.now ? Date.now : () => clock.now()
  }

  getOrSet<V>(key: string, load: Loader<V>, options?: LoadOptions): Promise<V> {
    return this.getOrSetAt(this.#idOf(key), key, load, options)
  }

  /** The same for who knows the key's id in memory: a definition does, for the price of one string. */
  getOrSetAt<V>(
    id: string | undefined,
    key: string,
    load: Loader<V>,
    options: LoadOptions | undefined,
  ): Promise<V> {
    const { fetching } = this.#parts
    const entry = this.#freshAt<V>(id)
    if (entry !== undefined) {
      this.#tally.memoryHit(key)
      if (this.#earlyBeta > 0) fetching.refreshEarly(this.#scope, key, load, options, entry)
      return entry.promise
    }
    if (this.#state.flights.size > 0 && id !== undefined) {
      const shared = fetching.shared<V>(this.#scope, id, key, load, options)
      if (shared !== undefined) return shared
    }
    return fetching.fetch(this.#scope, key, load, options).then(takeValue)
  }

  getOrSetEntry<V>(key: string, load: Loader<V>, options?: LoadOptions): Promise<FoundEntry<V>> {
    return this.#parts.fetching.fetch(this.#scope, key, load, options)
  }

  getOrSetMany<V>(
    keys: readonly string[],
    loadMissing: BulkLoader<V>,
    options?: LoadOptions,
  ): Promise<(V | undefined)[]> {
    return this.#parts.fetching.fetchMany(this.#scope, keys, loadMissing, options)
  }

  get<V>(key: string): Promise<V | undefined> {
    const entry = this.#fresh<V>(key)
    if (entry !== undefined) {
      this.#tally.memoryHit(key)
      return entry.promise
    }
    return this.getEntry<V>(key).then((found) => found?.value)
  }

  async getEntry<V>(key: string): Promise<FoundEntry<V> | undefined> {
    requireKey(key)
    const inMemory = this.#fresh<V>(key)
    if (inMemory !== undefined) {
      this.#tally.memoryHit(key)
      return toFound(inMemory, 'memory')
    }
    const inRedis = this.#countRedis(key, await this.#freshInRedis<V>(key))
    return inRedis && toFound(inRedis, 'redis')
  }

  async getMany<V>(keys: readonly string[]): Promise<(V | undefined)[]> {
    for (const key of keys) requireKey(key)
    const entries = keys.map((key) => this.#fresh<V>(key))
    const missing = keys.filter((_, index) => entries[index] === undefined)
    const lookups =
      missing.length === 0 ? [] : await this.#parts.lookups.readMany(this.#scope, missing)
    const nowMs = this.#now()
    let next = 0
    return entries.map((entry, index) => {
      const key = keys[index] as string
      if (entry !== undefined) {
        this.#tally.memoryHit(key)
        return entry.value
      }
      const lookup = lookups[next] as Lookup
      next += 1
      return this.#countRedis(key, freshOf<V>(lookup, nowMs))?.value
    })
  }

  async has(key: string): Promise<boolean> {
    requireKey(key)
    if (this.#fresh(key) !== undefined) return true
    return (await this.#freshInRedis(key)) !== undefined
  }

  peek<V>(key: string): V | undefined {
    return this.peekEntry<V>(key)?.value
  }

  peekEntry<V>(key: string): CacheEntry<V> | undefined {
    const entry = this.#fresh<V>(key)
    if (entry !== undefined) this.#tally.memoryHit(key)
    return entry
  }

  set<V>(key: string, value: V, options?: EntryOptions): Promise<void> {
    return this.#parts.writing.set(this.#scope, key, value, options)
  }

  async setMany<V>(
    entries: Iterable<readonly [key: string, value: V]>,
    options?: EntryOptions,
  ): Promise<void> {
    await Promise.all([...entries].map(([key, value]) => this.set(key, value, options)))
  }

  async delete(...keys: string[]): Promise<Invalidated> {
    for (const key of keys) requireKey(key)
    return this.#parts.invalidation.delete(this.#scope, keys)
  }

  async deleteByTag(...tags: string[]): Promise<Invalidated> {
    for (const tag of tags) requireTag(tag)
    return this.#parts.invalidation.deleteByTag(tags)
  }

  async expire(...keys: string[]): Promise<Invalidated> {
    for (const key of keys) requireKey(key)
    return this.#parts.invalidation.expire(this.#scope, keys)
  }

  async expireByTag(...tags: string[]): Promise<Invalidated> {
    for (const tag of tags) requireTag(tag)
    return this.#parts.invalidation.expireByTag(tags)
  }

  clear(): Promise<Invalidated> {
    return this.#parts.invalidation.clear(this.#scope)
  }

  refresh<V>(key: string, load: Loader<V>, options?: LoadOptions): Promise<V> {
    return this.#parts.fetching.refresh(this.#scope, key, load, options).then(takeValue)
  }

  wrap<A extends unknown[], V>(
    fn: (...args: A) => V | Promise<V>,
    { key, ...options }: LoadOptions & { key: (...args: A) => string },
  ): (...args: A) => Promise<V> {
    if (typeof fn !== 'function') throw invalidOption('wrap: fn', fn, 'a function')
    if (typeof key !== 'function') throw invalidOption('wrap: key', key, 'a function')
    resolveLoadOptions('wrap', this.#scope.defaults, options)
    return (...args) => this.getOrSet(key(...args), () => fn(...args), options)
  }

  deleteElsewhere(key: string): Promise<Invalidated> {
    return this.#parts.invalidation.deleteElsewhere(this.#scope, key)
  }

  // One body for the overloads of the interface.
  define<K, V, In>(name: string, options: AnyDefineOptions<K>): Definition<K, V, In> {
    const definition = resolveDefinition(name, options)
    const scope = definedScope(this.#scope, name, definition)
    return new DefinedEntries(name, definition, new ScopedCache(this.#parts, scope))
  }

  namespace(name: string, options?: NamespaceOptions): Cache {
    const parsed = resolveOptions('namespace', namespaceSchema, options)
    const defaults = overrideDefaults(this.#scope.defaults, parsed)
    const scope = innerScope(this.#scope, name, defaults, parsed)
    return new ScopedCache(this.#parts, scope)
  }

  inspect(key: string): Promise<Inspection> {
    return this.#parts.inspecting.inspect(this.#scope, key)
  }

  get instruments(): Instruments {
    return this.#parts.instruments
  }

  stats(): CacheStats {
    return statsOf(this.#state)
  }

  health(): CacheHealth {
    return healthOf(this.#state)
  }

  on<E extends keyof CacheEvents>(
    event: E,
    listener: (detail: CacheEvents[E]) => void,
  ): () => void {
    return this.#state.events.on(event, listener)
  }

  close(): Promise<void> {
    return this.#parts.close()
  }

  /** The hot path: no promise, no closure, no object. */
  #freshAt<V>(id: string | undefined): Entry<V> | undefined {
    const entry = id === undefined ? undefined : this.#memory?.get(id)
    if (entry === undefined) return undefined
    const nowMs = this.#now()
    if (nowMs >= entry.freshUntilMs) return undefined
    if (!isServable(this.#state, this.#scope, entry, nowMs)) return undefined
    // An entry just found stale by its tags is no longer fresh.
    return nowMs < entry.freshUntilMs ? (entry as Entry<V>) : undefined
  }

  #fresh<V>(key: string): Entry<V> | undefined {
    return this.#freshAt(this.#idOf(key))
  }

  #idOf(key: string): string | undefined {
    return typeof key === 'string' ? this.memoryPrefix + internalKey(key) : undefined
  }

  /** Counts what Redis had of a key, or had not. */
  #countRedis<V>(key: string, entry: Entry<V> | undefined): Entry<V> | undefined {
    if (entry === undefined) this.#tally.miss(key)
    else this.#tally.redisHit(key)
    return entry
  }

  async #freshInRedis<V>(key: string): Promise<Entry<V> | undefined> {
    const lookup = await this.#parts.lookups.read(this.#scope, key)
    return freshOf(lookup, this.#now())
  }
}

function freshOf<V>(lookup: Lookup, nowMs: number): Entry<V> | undefined {
  if (lookup.kind !== 'found' || nowMs >= lookup.entry.freshUntilMs) return undefined
  return lookup.entry as Entry<V>
}
