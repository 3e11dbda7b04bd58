import { decideUse, type Entry } from './entry.ts'
import { internalKey } from './keys.ts'
import type { RedisReply } from './redis-tier.ts'
import { memoryId, type Scope } from './scope.ts'
import { keepInMemory } from './shelf.ts'
import type { Stamp, Verdict } from './stamp.ts'
import { judgeByTag } from './stamp.ts'
import { type CacheState, type RedisState, readableRedis, reportStoreError } from './state.ts'
import { readEntry } from './wire-format.ts'

/** What Redis has of a key. */
export type Lookup =
  | { kind: 'found'; entry: Entry; stamp: Stamp }
  | {
      kind: 'missing'
      stamp: Stamp
      /** The lease for loading it, if it was asked for and granted. Whoever loads takes it out. */
      token: string | undefined
    }
  /** Redis is away, or too slow. */
  | { kind: 'unavailable' }

const UNAVAILABLE: Lookup = { kind: 'unavailable' }

/** Reads keys from Redis; callers who ask for one key at one time share a read. */
export class Lookups {
  readonly #state: CacheState
  readonly #reading = new Map<string, Promise<Lookup>>()

  constructor(state: CacheState) {
    this.#state = state
  }

  /** What Redis has of `key`. `forLoad` also asks for its lease if it is missing. */
  read(scope: Scope, key: string, forLoad: boolean): Promise<Lookup> {
    const id = memoryId(scope, key)
    const reading = this.#reading.get(id)
    if (reading !== undefined) return reading
    const redis = readableRedis(this.#state)
    if (redis === undefined) return Promise.resolve(UNAVAILABLE)
    const read = this.#read(redis, scope, key, id, forLoad).finally(() => {
      if (this.#reading.get(id) === read) this.#reading.delete(id)
    })
    this.#reading.set(id, read)
    return read
  }

  /** An invalidation came: what is under way is not for those who ask from now on. */
  detach(id: string): void {
    this.#reading.delete(id)
  }

  detachAll(): void {
    this.#reading.clear()
  }

  async #read(
    redis: RedisState,
    scope: Scope,
    key: string,
    id: string,
    forLoad: boolean,
  ): Promise<Lookup> {
    const fence = this.#state.fences.open(id, scope.path)
    const token = forLoad ? this.#state.random.token(8) : ''
    try {
      const [stamp, reply] = await Promise.all([
        redis.counters.stamp(scope.paths),
        redis.tier.read(scope.path, internalKey(key), token),
      ])
      const entry = await this.#accept(redis, scope, key, reply, stamp)
      if (entry === undefined) {
        return { kind: 'missing', stamp, token: reply.isGranted ? token : undefined }
      }
      keepInMemory(this.#state, fence, entry)
      return { kind: 'found', entry, stamp }
    } catch (error) {
      reportStoreError(this.#state, 'get', error)
      return UNAVAILABLE
    } finally {
      this.#state.fences.close(fence)
    }
  }

  /** The entry that Redis replied with, unless it is unreadable, invalidated or over. */
  async #accept(
    redis: RedisState,
    scope: Scope,
    key: string,
    reply: RedisReply,
    stamp: Stamp,
  ): Promise<Entry | undefined> {
    if (reply.bytes === null) return undefined
    const nowMs = this.#state.clock.now()
    const entry = this.#decode(scope, key, reply.bytes, reply.remainingMs, nowMs)
    if (entry === undefined || entry.stamp.era !== stamp.era) return undefined
    if (entry.tags.length > 0) {
      const verdict = await this.#judgeTags(redis, entry)
      if (verdict === 'invalid' || verdict === 'unknown') return undefined
      if (verdict === 'stale') entry.expire(nowMs)
    }
    return decideUse(entry, nowMs) === 'unusable' ? undefined : entry
  }

  #decode(
    scope: Scope,
    key: string,
    bytes: Buffer,
    remainingMs: number,
    nowMs: number,
  ): Entry | undefined {
    try {
      return readEntry(bytes, remainingMs, scope.codec, nowMs)
    } catch (error) {
      this.#state.events.emit('corrupted', { key, error })
      return undefined
    }
  }

  async #judgeTags(redis: RedisState, entry: Entry): Promise<Verdict> {
    const records = await redis.counters.records(entry.tags)
    let verdict: Verdict = 'valid'
    for (const record of records) {
      if (record === undefined) return 'unknown'
      const judged = judgeByTag(entry.stamp.epoch, record)
      if (judged === 'invalid') return 'invalid'
      if (judged === 'stale') verdict = 'stale'
    }
    return verdict
  }
}
