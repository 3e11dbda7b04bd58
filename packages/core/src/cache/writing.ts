import { makeReady, type Ready } from './checking.ts'
import { type Lifetime, totalMs } from './entry.ts'
import { lifetimeOf, resolveEntryOptions } from './entry-options.ts'
import type { Fence } from './fences.ts'
import type { Invalidation } from './invalidation.ts'
import { internalKey } from './keys.ts'
import { memoryId, requireKey, type Scope } from './scope.ts'
import { keepInMemory } from './shelf.ts'
import { type CacheState, type RedisState, readableRedis, reportStoreError } from './state.ts'
import { entryOf, storeInMemory, storeInRedis } from './storing.ts'
import type { EntryOptions } from './types.ts'

/** `cache.set`: a value that needs no loader, under the same fence as one that does. */
export class Writing {
  readonly #state: CacheState
  readonly #invalidation: Invalidation

  constructor(state: CacheState, invalidation: Invalidation) {
    this.#state = state
    this.#invalidation = invalidation
  }

  async set<V>(
    scope: Scope,
    key: string,
    value: V,
    options: EntryOptions | undefined,
  ): Promise<void> {
    requireKey(key)
    const { defaults, tags } = resolveEntryOptions('set', scope.defaults, options)
    const lifetime = lifetimeOf(value, defaults, this.#state.random)
    if (totalMs(lifetime) === 0) {
      await this.#invalidation.delete(scope, [key])
      return
    }
    // What memory has at this moment is older, and without a schema there is nothing to wait for.
    const prepared: Ready<V> =
      scope.contract === undefined ? scope.codec.prepare(value) : await makeReady(scope, key, value)
    const id = memoryId(scope, key)
    this.#state.counts.sets += 1
    // Loads that began before this write are older than it.
    this.#invalidation.forgetKey(id)
    const fence = this.#state.fences.open(id, scope.path)
    const write = { scope, key, fence, prepared, lifetime, tags }
    try {
      const redis = readableRedis(this.#state)
      if (redis === undefined) this.#setHere(write)
      else await this.#setInRedis(redis, write)
    } finally {
      this.#state.fences.close(fence)
    }
  }

  /** Takes the lease from whoever loads, so that no older value can follow this one. */
  async #setInRedis<V>(redis: RedisState, write: Write<V>): Promise<void> {
    const { scope, key, fence, prepared, lifetime, tags } = write
    const token = this.#state.nextToken()
    try {
      const [stamp] = await Promise.all([
        redis.counters.stamp(scope.paths),
        redis.tier.seize(scope.path, internalKey(key), token),
      ])
      const entry = entryOf(prepared, { stamp, lifetime, tags }, this.#state.clock.now())
      const lease = { token, isWrite: true }
      const stored = await storeInRedis(redis, scope, key, lease, entry, prepared.encoded)
      // Reads that passed meanwhile have perhaps brought the value before this one.
      this.#invalidation.supersede(fence.id)
      if (stored === 'stored') keepInMemory(this.#state, fence, entry)
    } catch (error) {
      reportStoreError(this.#state, 'set', error)
      this.#setHere(write)
    }
  }

  /** Redis does not know of this write: its own value of the key is the older one. */
  #setHere<V>({ scope, key, fence, prepared, lifetime, tags }: Write<V>): void {
    this.#invalidation.queueDelete(scope, key)
    const stamp = this.#state.offline.stamp(scope.paths)
    const entry = entryOf(prepared, { stamp, lifetime, tags }, this.#state.clock.now())
    storeInMemory(this.#state, scope, fence, entry)
  }
}

interface Write<V> {
  readonly scope: Scope
  readonly key: string
  readonly fence: Fence
  readonly prepared: Ready<V>
  readonly lifetime: Lifetime
  readonly tags: readonly string[]
}
