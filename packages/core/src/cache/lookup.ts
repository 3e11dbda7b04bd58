import { decideUse, type Entry } from './entry.ts'
import type { Fence } from './fences.ts'
import { isInside } from './fences.ts'
import { internalKey } from './keys.ts'
import { memoryId, type Scope } from './scope.ts'
import { keepInMemory } from './shelf.ts'
import { judgeByTag, type Stamp, type Verdict } from './stamp.ts'
import { type CacheState, type RedisState, readableRedis, reportStoreError } from './state.ts'
import { readEntry } from './wire-format.ts'

/** What Redis has of a key. `bytes` are the entry as written, if there is one. */
export type Lookup =
  | { kind: 'found'; entry: Entry; bytes: Buffer }
  /** Nothing, or nothing that may be used. */
  | { kind: 'missing'; bytes: Buffer | null }
  /** Redis is away, or too slow. */
  | { kind: 'unavailable'; bytes: null }

const UNAVAILABLE: Lookup = { kind: 'unavailable', bytes: null }
const MISSING: Lookup = { kind: 'missing', bytes: null }

/** A read under way, fenced like everything that may leave a copy in memory. */
interface PendingRead extends Fence {
  readonly scope: Scope
  readonly key: string
  readonly promise: Promise<Lookup>
  settle: (lookup: Lookup) => void
}

/**
 * Reads keys from Redis. Reads of one tick travel together, and callers who ask for one key at one
 * time share a read.
 */
export class Lookups {
  readonly #state: CacheState
  readonly #pending = new Map<string, PendingRead>()
  /** What has been asked for in this tick, by namespace. */
  #queues = new Map<Scope, PendingRead[]>()

  constructor(state: CacheState) {
    this.#state = state
  }

  read(scope: Scope, key: string): Promise<Lookup> {
    const id = memoryId(scope, key)
    const pending = this.#pending.get(id)
    if (pending !== undefined) return pending.promise
    if (readableRedis(this.#state) === undefined) return Promise.resolve(UNAVAILABLE)
    const read = createRead(scope, key, id)
    this.#pending.set(id, read)
    if (this.#queues.size === 0) process.nextTick(() => this.#flush())
    const queue = this.#queues.get(scope)
    if (queue === undefined) this.#queues.set(scope, [read])
    else queue.push(read)
    return read.promise
  }

  /** An invalidation came: what is under way is not for memory, nor for those who ask from now on. */
  detach(id: string): void {
    const pending = this.#pending.get(id)
    if (pending === undefined) return
    pending.isBreached = true
    this.#pending.delete(id)
  }

  detachAll(path: string): void {
    for (const pending of this.#pending.values()) {
      if (isInside(pending.path, path)) this.detach(pending.id)
    }
  }

  /** What an entry as written comes to, by the counters as they stood when it was asked for. */
  interpret(
    redis: RedisState,
    scope: Scope,
    key: string,
    bytes: Buffer | null,
    redisNowMs: number,
    stamp: Stamp,
  ): Lookup | Promise<Lookup> {
    if (bytes === null) return MISSING
    const nowMs = this.#state.clock.now()
    const entry = this.#decode(scope, key, bytes, redisNowMs, nowMs)
    if (entry === undefined || entry.stamp.era !== stamp.era) return { kind: 'missing', bytes }
    if (redis.unacknowledged.covers(scope.path, internalKey(key), entry.tags)) {
      return { kind: 'missing', bytes }
    }
    if (entry.tags.length === 0) return toLookup(entry, bytes, nowMs)
    return this.#judgeTags(redis, entry).then((verdict) => {
      if (verdict === 'invalid' || verdict === 'unknown') return { kind: 'missing', bytes }
      if (verdict === 'stale') entry.expire(nowMs)
      return toLookup(entry, bytes, nowMs)
    })
  }

  #flush(): void {
    const queues = this.#queues
    this.#queues = new Map()
    const redis = readableRedis(this.#state)
    for (const [scope, queue] of queues) {
      const size = redis?.tier.largestBatch ?? queue.length
      for (let start = 0; start < queue.length; start += size) {
        const batch = queue.slice(start, start + size)
        if (redis === undefined) this.#settleAll(batch, UNAVAILABLE)
        else this.#send(redis, scope, batch)
      }
    }
  }

  #send(redis: RedisState, scope: Scope, batch: readonly PendingRead[]): void {
    void this.#readBatch(redis, scope, batch)
    if (this.#state.memory !== undefined) return
    // Who has no memory does not hear of deletes by other processes: a call that begins after one
    // must not be answered by a read that was sent before it.
    for (const { id } of batch) this.#pending.delete(id)
  }

  async #readBatch(redis: RedisState, scope: Scope, batch: readonly PendingRead[]): Promise<void> {
    try {
      const keys = batch.map(({ key }) => internalKey(key))
      const { revision } = this.#state.local
      const names = redis.counters.namesOf(scope.paths)
      const { values, redisNowMs } = await redis.tier.read(scope.path, keys, names)
      const stamp =
        redis.counters.learnStamp(scope.paths, values.slice(keys.length), revision) ??
        (await redis.counters.stamp(scope.paths))
      batch.forEach((read, index) => {
        const bytes = values[index] ?? null
        const lookup = this.interpret(redis, scope, read.key, bytes, redisNowMs, stamp)
        if (!(lookup instanceof Promise)) this.#settle(read, lookup)
        else
          lookup.then(
            (later) => this.#settle(read, later),
            (error) => this.#fail([read], error),
          )
      })
    } catch (error) {
      this.#fail(batch, error)
    }
  }

  #fail(batch: readonly PendingRead[], error: unknown): void {
    reportStoreError(this.#state, 'get', error)
    this.#settleAll(batch, UNAVAILABLE)
  }

  #settleAll(batch: readonly PendingRead[], lookup: Lookup): void {
    for (const read of batch) this.#settle(read, lookup)
  }

  #settle(read: PendingRead, lookup: Lookup): void {
    if (lookup.kind === 'found') keepInMemory(this.#state, read, lookup.entry)
    if (this.#pending.get(read.id) === read) this.#pending.delete(read.id)
    read.settle(lookup)
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

function createRead(scope: Scope, key: string, id: string): PendingRead {
  let settle!: (lookup: Lookup) => void
  const promise = new Promise<Lookup>((resolve) => {
    settle = resolve
  })
  return { id, path: scope.path, scope, key, promise, settle, isBreached: false }
}

function toLookup(entry: Entry, bytes: Buffer, nowMs: number): Lookup {
  return decideUse(entry, nowMs) === 'unusable'
    ? { kind: 'missing', bytes }
    : { kind: 'found', entry, bytes }
}
