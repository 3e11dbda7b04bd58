import { afterIo } from '../base/after-io.ts'
import { BulkRead } from './bulk-read.ts'
import { type Fence, isInside } from './fences.ts'
import { type AsOf, type Interpreter, type Lookup, UNAVAILABLE, UNVOUCHED } from './interpreting.ts'
import { internalKey } from './keys.ts'
import type { RedisReply } from './redis-tier.ts'
import { memoryId, type Scope } from './scope.ts'
import { keepCopy, keepInMemory } from './shelf.ts'
import { type CacheState, type RedisState, readableRedis, reportStoreError } from './state.ts'

/** A read under way, fenced like everything that may leave a copy in memory. */
interface PendingRead extends Fence {
  readonly scope: Scope
  readonly key: string
  readonly listeners: Listener[]
}

type Listener = (lookup: Lookup) => void

/**
 * Reads keys from Redis. What is asked for while the process sees to what has come in, travels
 * together: ten requests on ten connections cost one command. Callers who ask for one key at one
 * time share a read.
 */
export class Lookups {
  readonly #state: CacheState
  readonly #interpreter: Interpreter
  readonly #pending = new Map<string, PendingRead>()
  readonly #bulkReads = new Set<BulkRead>()
  /** What has been asked for and not yet sent, by namespace. */
  #queues = new Map<Scope, PendingRead[]>()

  constructor(state: CacheState, interpreter: Interpreter) {
    this.#state = state
    this.#interpreter = interpreter
  }

  read(scope: Scope, key: string): Promise<Lookup> {
    return new Promise((resolve) => this.#ask(scope, key, resolve))
  }

  /** Reads many keys, in one command if they are no more than a batch. In the order of `keys`. */
  async readMany(scope: Scope, keys: readonly string[]): Promise<Lookup[]> {
    const redis = readableRedis(this.#state)
    if (redis === undefined) return keys.map(() => UNAVAILABLE)
    const { largestBatch } = redis.tier
    if (largestBatch === 1) return Promise.all(keys.map((key) => this.read(scope, key)))
    if (keys.length <= largestBatch) return this.#readBulk(redis, scope, keys)
    const parts: Promise<Lookup[]>[] = []
    for (let start = 0; start < keys.length; start += largestBatch) {
      parts.push(this.#readBulk(redis, scope, keys.slice(start, start + largestBatch)))
    }
    return (await Promise.all(parts)).flat()
  }

  /** An invalidation came: what is under way is not for memory, nor for those who ask from now on. */
  detach(id: string): void {
    for (const read of this.#bulkReads) read.breach(id)
    const pending = this.#pending.get(id)
    if (pending === undefined) return
    pending.isBreached = true
    this.#pending.delete(id)
  }

  detachAll(path: string): void {
    for (const read of this.#bulkReads) read.breachAll(path)
    for (const pending of this.#pending.values()) {
      if (isInside(pending.path, path)) this.detach(pending.id)
    }
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
    if (this.#queues.size === 0) afterIo(() => this.#flush())
    const queue = this.#queues.get(scope)
    if (queue === undefined) this.#queues.set(scope, [read])
    else queue.push(read)
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
      const { values, asOf } = await readStamped(redis, this.#state, scope, keys)
      batch.forEach((read, index) => {
        const bytes = values[index] ?? null
        const lookup = this.#interpreter.interpret(redis, scope, read.key, bytes, asOf)
        if (!(lookup instanceof Promise)) this.#settle(read, lookup)
        else
          lookup.then(
            (later) => this.#settle(read, later),
            (error) => this.#settle(read, this.#fail(error)),
          )
      })
    } catch (error) {
      this.#settleAll(batch, this.#fail(error))
    }
  }

  /** Nobody joins this read: what it costs to be found is most of what a key costs. */
  async #readBulk(redis: RedisState, scope: Scope, keys: readonly string[]): Promise<Lookup[]> {
    const read = new BulkRead(scope.path)
    this.#bulkReads.add(read)
    try {
      const names = keys.map(internalKey)
      const { values, asOf } = await readStamped(redis, this.#state, scope, names)
      const lookups = new Array<Lookup>(keys.length)
      let later: Promise<void>[] | undefined
      for (let index = 0; index < keys.length; index += 1) {
        const key = keys[index] as string
        const bytes = values[index] ?? null
        const lookup = this.#interpreter.interpret(redis, scope, key, bytes, asOf)
        if (lookup instanceof Promise) {
          later ??= []
          later.push(this.#takeLater(lookup, lookups, index))
        } else lookups[index] = lookup
      }
      if (later !== undefined) await Promise.all(later)
      this.#keepAll(read, scope, keys, lookups)
      return lookups
    } catch (error) {
      return new Array<Lookup>(keys.length).fill(this.#fail(error))
    } finally {
      this.#bulkReads.delete(read)
    }
  }

  async #takeLater(lookup: Promise<Lookup>, lookups: Lookup[], index: number): Promise<void> {
    lookups[index] = await lookup.catch((error) => this.#fail(error))
  }

  #keepAll(read: BulkRead, scope: Scope, keys: readonly string[], lookups: Lookup[]): void {
    if (this.#state.memory === undefined) return
    for (let index = 0; index < keys.length; index += 1) {
      const lookup = lookups[index] as Lookup
      const id = memoryId(scope, keys[index] as string)
      if (lookup.kind === 'found' && !read.isOvertaken(id)) keepCopy(this.#state, id, lookup.entry)
    }
  }

  #fail(error: unknown): Lookup {
    reportStoreError(this.#state, 'get', error)
    return UNAVAILABLE
  }

  #settleAll(batch: readonly PendingRead[], lookup: Lookup): void {
    for (const read of batch) this.#settle(read, lookup)
  }

  #settle(read: PendingRead, lookup: Lookup): void {
    if (lookup.kind === 'found') keepInMemory(this.#state, read, lookup.entry)
    if (this.#pending.get(read.id) === read) this.#pending.delete(read.id)
    for (const listener of read.listeners) listener(lookup)
  }
}

/** What Redis has under some keys, and where things stood by which that is judged. */
async function readStamped(
  { tier, counters }: RedisState,
  { local, clock }: CacheState,
  { path, paths }: Scope,
  keys: readonly string[],
): Promise<{ values: RedisReply['values']; asOf: AsOf }> {
  const { revision: askedAt } = local
  const { values, clocks } = await tier.read(path, keys, counters.namesOf(paths))
  const names = values.slice(keys.length)
  const isVouchedFor = counters.mayLearn(askedAt)
  const known = counters.learnStamp(paths, names, askedAt)
  if (known !== undefined) {
    const revision = isVouchedFor ? local.revision : UNVOUCHED
    return { values, asOf: { clocks, nowMs: clock.now(), stamp: known, revision } }
  }
  const stamp = await counters.stamp(paths)
  const revision = counters.mayLearn(askedAt) ? askedAt : UNVOUCHED
  return { values, asOf: { clocks, nowMs: clock.now(), stamp, revision } }
}
