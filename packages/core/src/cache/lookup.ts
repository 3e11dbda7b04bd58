import { checkEntry } from './checking.ts'
import { decideUse, type Entry } from './entry.ts'
import type { Fence } from './fences.ts'
import { isInside } from './fences.ts'
import { internalKey } from './keys.ts'
import type { Clocks } from './redis-clock.ts'
import { memoryId, type Scope } from './scope.ts'
import { keepInMemory } from './shelf.ts'
import { judgeByTag, type Stamp, type Verdict } from './stamp.ts'
import { type CacheState, type RedisState, readableRedis, reportStoreError } from './state.ts'
import { type Header, readEntry, readHeader } from './wire-format.ts'

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
  readonly listeners: Listener[]
}

type Listener = (lookup: Lookup) => void

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
    return new Promise((resolve) => this.#ask(scope, key, resolve))
  }

  /** Reads many keys, in one command if they are no more than a batch. In the order of `keys`. */
  readMany(scope: Scope, keys: readonly string[]): Promise<Lookup[]> {
    return new Promise((resolve) => {
      const lookups = new Array<Lookup>(keys.length)
      let left = keys.length
      if (left === 0) resolve(lookups)
      keys.forEach((key, index) => {
        this.#ask(scope, key, (lookup) => {
          lookups[index] = lookup
          left -= 1
          if (left === 0) resolve(lookups)
        })
      })
    })
  }

  #ask(scope: Scope, key: string, listener: Listener): void {
    const id = memoryId(scope, key)
    const pending = this.#pending.get(id)
    if (pending !== undefined) {
      pending.listeners.push(listener)
      return
    }
    if (readableRedis(this.#state) === undefined) {
      listener(UNAVAILABLE)
      return
    }
    const read = { id, path: scope.path, scope, key, listeners: [listener], isBreached: false }
    this.#pending.set(id, read)
    if (this.#queues.size === 0) process.nextTick(() => this.#flush())
    const queue = this.#queues.get(scope)
    if (queue === undefined) this.#queues.set(scope, [read])
    else queue.push(read)
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
    clocks: Clocks,
    stamp: Stamp,
  ): Lookup | Promise<Lookup> {
    if (bytes === null) return MISSING
    const nowMs = this.#state.clock.now()
    const header = this.#open(key, bytes)
    if (header === undefined || header.stamp.era !== stamp.era) return { kind: 'missing', bytes }
    if (redis.unacknowledged.covers(scope.path, internalKey(key), header.tags)) {
      return { kind: 'missing', bytes }
    }
    const entry = this.#read(scope, key, bytes, header, clocks)
    if (!(entry instanceof Promise)) return this.#judge(redis, entry, bytes, nowMs)
    return entry.then((later) => this.#judge(redis, later, bytes, nowMs))
  }

  #judge(
    redis: RedisState,
    entry: Entry | undefined,
    bytes: Buffer,
    nowMs: number,
  ): Lookup | Promise<Lookup> {
    if (entry === undefined) return { kind: 'missing', bytes }
    const verdict = this.#judgeHere(entry)
    if (verdict !== 'unknown') return toLookup(entry, bytes, nowMs, verdict)
    return this.#judgeInRedis(redis, entry).then((judged) => toLookup(entry, bytes, nowMs, judged))
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
      const { values, clocks } = await redis.tier.read(scope.path, keys, names)
      const stamp =
        redis.counters.learnStamp(scope.paths, values.slice(keys.length), revision) ??
        (await redis.counters.stamp(scope.paths))
      batch.forEach((read, index) => {
        const bytes = values[index] ?? null
        const lookup = this.interpret(redis, scope, read.key, bytes, clocks, stamp)
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
    for (const listener of read.listeners) listener(lookup)
  }

  #open(key: string, bytes: Buffer): Header | undefined {
    try {
      return readHeader(bytes)
    } catch (error) {
      return this.#tellCorrupted(key, error)
    }
  }

  #read(
    scope: Scope,
    key: string,
    bytes: Buffer,
    header: Header,
    clocks: Clocks,
  ): Entry | undefined | Promise<Entry | undefined> {
    const entry = this.#decode(scope, key, bytes, header, clocks)
    if (scope.contract === undefined) return entry
    const check = (decoded: Entry | undefined): ReturnType<typeof checkEntry> =>
      checkEntry(this.#state, scope, key, decoded)
    return entry instanceof Promise ? entry.then(check) : check(entry)
  }

  #decode(
    { codec }: Scope,
    key: string,
    bytes: Buffer,
    header: Header,
    { redisNowMs, askedAtMs }: Clocks,
  ): Entry | undefined | Promise<Entry | undefined> {
    try {
      const entry = readEntry(bytes, header, redisNowMs, codec, askedAtMs)
      if (!(entry instanceof Promise)) return entry
      return entry.catch((error) => this.#tellCorrupted(key, error))
    } catch (error) {
      return this.#tellCorrupted(key, error)
    }
  }

  #tellCorrupted(key: string, error: unknown): undefined {
    this.#state.counts.corrupted += 1
    this.#state.events.emit('corrupted', { key, error })
    return undefined
  }

  /** What is known of its tags here counts as it does for memory: while we hear of what happens. */
  #judgeHere({ tags, stamp }: Entry): Verdict {
    if (tags.length === 0) return 'valid'
    const { trust, local } = this.#state
    return trust.isHearing && trust.isPrompt ? local.judgeTags(stamp.epoch, tags) : 'unknown'
  }

  async #judgeInRedis(redis: RedisState, entry: Entry): Promise<Verdict> {
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

function toLookup(entry: Entry, bytes: Buffer, nowMs: number, verdict: Verdict): Lookup {
  if (verdict === 'invalid' || verdict === 'unknown') return { kind: 'missing', bytes }
  if (verdict === 'stale') entry.expire(nowMs)
  return decideUse(entry, nowMs) === 'unusable'
    ? { kind: 'missing', bytes }
    : { kind: 'found', entry, bytes }
}
