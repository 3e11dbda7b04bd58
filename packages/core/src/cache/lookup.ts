import { decideUse, type Entry } from './entry.ts'
import { internalKey } from './keys.ts'
import type { RedisReply } from './redis-tier.ts'
import { memoryId, type Scope } from './scope.ts'
import { keepInMemory } from './shelf.ts'
import type { Stamp, Verdict } from './stamp.ts'
import { judgeByTag } from './stamp.ts'
import { type CacheState, type RedisState, readableRedis, reportStoreError } from './state.ts'
import { type Freshness, freshnessOf, readEntry } from './wire-format.ts'

/** What Redis has of a key. */
export type Lookup =
  | { kind: 'found'; entry: Entry; freshness: Freshness }
  /** Nothing, or nothing that may be used: then `freshness` names it. */
  | { kind: 'missing'; freshness: Freshness }
  /** Redis is away, or too slow. */
  | { kind: 'unavailable' }

const UNAVAILABLE: Lookup = { kind: 'unavailable' }
const MISSING: Lookup = { kind: 'missing', freshness: '' }

/** Reads keys from Redis; callers who ask for one key at one time share a read. */
export class Lookups {
  readonly #state: CacheState
  readonly #reading = new Map<string, Promise<Lookup>>()

  constructor(state: CacheState) {
    this.#state = state
  }

  read(scope: Scope, key: string): Promise<Lookup> {
    const id = memoryId(scope, key)
    const reading = this.#reading.get(id)
    if (reading !== undefined) return reading
    const redis = readableRedis(this.#state)
    if (redis === undefined) return Promise.resolve(UNAVAILABLE)
    const read = this.#read(redis, scope, key, id).finally(() => {
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

  /** What `reply` says, by the counters as they stood when it was asked for. */
  async interpret(
    redis: RedisState,
    scope: Scope,
    key: string,
    reply: RedisReply,
    stamp: Stamp,
  ): Promise<Lookup> {
    if (reply.bytes === null) return MISSING
    const nowMs = this.#state.clock.now()
    const freshness = freshnessOf(reply.bytes)
    const entry = this.#decode(scope, key, reply.bytes, reply.redisNowMs, nowMs)
    if (entry === undefined || entry.stamp.era !== stamp.era) return { kind: 'missing', freshness }
    if (entry.tags.length > 0) {
      const verdict = await this.#judgeTags(redis, entry)
      if (verdict === 'invalid' || verdict === 'unknown') return { kind: 'missing', freshness }
      if (verdict === 'stale') entry.expire(nowMs)
    }
    const isUsable = decideUse(entry, nowMs) !== 'unusable'
    return isUsable ? { kind: 'found', entry, freshness } : { kind: 'missing', freshness }
  }

  async #read(redis: RedisState, scope: Scope, key: string, id: string): Promise<Lookup> {
    const fence = this.#state.fences.open(id, scope.path)
    try {
      const [reply, stamp] = await Promise.all([
        redis.tier.read(scope.path, internalKey(key)),
        redis.counters.stamp(scope.paths),
      ])
      const lookup = await this.interpret(redis, scope, key, reply, stamp)
      if (lookup.kind === 'found') keepInMemory(this.#state, fence, lookup.entry)
      return lookup
    } catch (error) {
      reportStoreError(this.#state, 'get', error)
      return UNAVAILABLE
    } finally {
      this.#state.fences.close(fence)
    }
  }

  #decode(
    scope: Scope,
    key: string,
    bytes: Buffer,
    redisNowMs: number,
    nowMs: number,
  ): Entry | undefined {
    try {
      return readEntry(bytes, redisNowMs, scope.codec, nowMs)
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
