import { isInside } from './fences.ts'
import type { Pending } from './journal.ts'
import { internalKey } from './keys.ts'
import type { LocalCounters } from './local-counters.ts'
import type { Lookups } from './lookup.ts'
import { memoryPrefixOf, type Scope } from './scope.ts'
import { type CacheState, type RedisState, reportStoreError } from './state.ts'
import type { Invalidated } from './types.ts'

/** How long to wait before a replay that failed is tried again. */
const REPLAY_AGAIN_MS = 100

/**
 * Invalidates: here at once, in Redis before the call resolves, and while Redis is away in the
 * journal, which is replayed before Redis is read again.
 */
export class Invalidation {
  readonly #state: CacheState
  readonly #lookups: Lookups
  #isReplaying = false

  constructor(state: CacheState, lookups: Lookups) {
    this.#state = state
    this.#lookups = lookups
  }

  delete(scope: Scope, keys: readonly string[]): Promise<Invalidated> {
    this.#state.counts.deletes += keys.length
    return this.#delete(scope.reach, keys)
  }

  /** Removes what other versions of a definition hold of a key that this one writes. */
  deleteElsewhere({ path, reach }: Scope, key: string): Promise<Invalidated> {
    return this.#delete(
      reach.filter((other) => other !== path),
      [key],
    )
  }

  #delete(paths: readonly string[], keys: readonly string[]): Promise<Invalidated> {
    return this.#apply(pendingOf('delete', paths, keys), () => {
      for (const id of this.#idsOf(paths, keys)) this.forgetKey(id)
    })
  }

  expire({ reach }: Scope, keys: readonly string[]): Promise<Invalidated> {
    this.#state.counts.expires += keys.length
    return this.#apply(pendingOf('expire', reach, keys), () => {
      for (const id of this.#idsOf(reach, keys)) this.#expireKey(id)
    })
  }

  #idsOf(paths: readonly string[], keys: readonly string[]): string[] {
    return paths.flatMap((path) => {
      const prefix = memoryPrefixOf(path)
      return keys.map((key) => prefix + internalKey(key))
    })
  }

  deleteByTag(tags: readonly string[]): Promise<Invalidated> {
    this.#state.counts.tagDeletes += tags.length
    const pending = tags.map((tag): Pending => ({ kind: 'deleteTag', tag }))
    return this.#apply(pending, () => {
      for (const counters of this.#counters) for (const tag of tags) counters.deleteTag(tag)
    })
  }

  expireByTag(tags: readonly string[]): Promise<Invalidated> {
    this.#state.counts.tagExpires += tags.length
    const pending = tags.map((tag): Pending => ({ kind: 'expireTag', tag }))
    return this.#apply(pending, () => {
      for (const counters of this.#counters) for (const tag of tags) counters.expireTag(tag)
    })
  }

  clear(scope: Scope): Promise<Invalidated> {
    this.#state.counts.clears += 1
    return this.#apply([{ kind: 'clear', path: scope.path }], () =>
      this.forgetNamespace(scope.path),
    )
  }

  /** Drops a key from this process, and fences off what is under way for it. */
  forgetKey(id: string): void {
    this.#state.memory?.delete(id)
    this.#detach(id)
  }

  /** A key was written: what is under way for it is not for those who ask from now on. */
  supersede(id: string): void {
    this.#state.memory?.delete(id)
    this.#state.flights.delete(id)
    this.#lookups.detach(id)
  }

  /** Drops a namespace and those inside it from this process. */
  forgetNamespace(path: string): void {
    for (const counters of this.#counters) counters.clear(path)
    if (path === '') this.#state.memory?.clear()
    this.#state.fences.breachAll(path)
    this.#lookups.detachAll(path)
    for (const [id, flight] of this.#state.flights) {
      if (isInside(flight.fence.path, path)) this.#state.flights.delete(id)
    }
  }

  /** Drops all that this process knows of Redis: it may have missed something. */
  forgetAll(): void {
    this.#state.memory?.clear()
    for (const counters of this.#counters) counters.forgetAll()
    this.#state.fences.breachAll('')
    this.#lookups.detachAll('')
    // What is loading may be older than an invalidation that was missed: nobody joins it from now on.
    this.#state.flights.clear()
  }

  /**
   * Redis is back: what was loaded without it is good no longer, for of keys that Redis does not have
   * it tells no news.
   */
  endOffline(): void {
    this.#state.offline.forgetAll()
    this.#state.local.revision += 1
  }

  get #counters(): LocalCounters[] {
    const { local, offline } = this.#state
    return local === offline ? [local] : [local, offline]
  }

  /** A key whose write did not reach Redis must not be read there as it was before. */
  queueDelete(scope: Scope, key: string): void {
    this.#queue({ kind: 'delete', path: scope.path, key: internalKey(key) })
  }

  /** A lease that Redis may have granted without our knowing would keep all others waiting. */
  queueRelease(scope: Scope, key: string, token: string): void {
    this.#queue({ kind: 'release', path: scope.path, key: internalKey(key), token })
  }

  #queue(pending: Pending): void {
    this.#state.redis?.journal.add(pending)
    this.replay()
  }

  /** Brings Redis up to date; it is not read before that has succeeded. */
  replay(): void {
    const redis = this.#state.redis
    if (redis === undefined || this.#isReplaying || redis.journal.size === 0) return
    if (!redis.link.isUsable || this.#state.isClosed) return
    this.#isReplaying = true
    redis.journal
      .replay((pending) => send(redis, pending))
      .catch((error) => reportStoreError(this.#state, 'replay', error))
      .finally(() => {
        this.#isReplaying = false
        if (redis.journal.size > 0) {
          this.#state.clock.schedule(REPLAY_AGAIN_MS, () => this.replay())
        }
      })
  }

  #expireKey(id: string): void {
    const entry = this.#state.memory?.get(id)
    entry?.expire(this.#state.clock.now())
    this.#detach(id)
  }

  #detach(id: string): void {
    this.#state.fences.breach(id)
    this.#state.flights.delete(id)
    this.#lookups.detach(id)
  }

  async #apply(pending: readonly Pending[], applyHere: () => void): Promise<Invalidated> {
    if (pending.length === 0) return { applied: this.#state.redis ? 'everywhere' : 'local' }
    applyHere()
    this.#announce(pending)
    const { redis } = this.#state
    if (redis === undefined) return { applied: 'local' }
    const isDone = await this.#sendAll(redis, pending)
    // Reads that passed between the two have perhaps brought back the old value.
    applyHere()
    if (!isDone) this.replay()
    return { applied: isDone ? 'everywhere' : 'queued' }
  }

  async #sendAll(redis: RedisState, pending: readonly Pending[]): Promise<boolean> {
    if (!redis.link.isUsable || this.#state.isClosed) {
      for (const one of pending) redis.journal.add(one)
      return false
    }
    redis.unacknowledged.add(pending)
    const results = await Promise.allSettled(pending.map((one) => send(redis, one)))
    redis.unacknowledged.remove(pending)
    results.forEach((result, index) => {
      if (result.status === 'fulfilled') return
      reportStoreError(this.#state, 'invalidate', result.reason)
      redis.journal.add(pending[index] as Pending)
    })
    return results.every(({ status }) => status === 'fulfilled')
  }

  #announce(pending: readonly Pending[]): void {
    const invalidated = this.#state.events.topic('invalidated')
    if (!invalidated.isHeard) return
    invalidated.emit({
      keys: [...new Set(pending.flatMap((one) => ('key' in one ? one.key : [])))],
      tags: pending.flatMap((one) => ('tag' in one ? one.tag : [])),
      cleared: pending.some(({ kind }) => kind === 'clear'),
    })
  }
}

function pendingOf(
  kind: 'delete' | 'expire',
  paths: readonly string[],
  keys: readonly string[],
): Pending[] {
  return paths.flatMap((path) =>
    keys.map((key): Pending => ({ kind, path, key: internalKey(key) })),
  )
}

function send({ tier, counters }: RedisState, pending: Pending): Promise<void> {
  switch (pending.kind) {
    case 'delete':
      return tier.delete(pending.path, pending.key)
    case 'expire':
      return tier.expire(pending.path, pending.key)
    case 'deleteTag':
      return counters.deleteTag(pending.tag)
    case 'expireTag':
      return counters.expireTag(pending.tag)
    case 'clear':
      return counters.clear(pending.path)
    case 'release':
      return tier.release(pending.path, pending.key, pending.token)
  }
}
