import { checkEntry } from './checking.ts'
import { decideUse, type Entry } from './entry.ts'
import { internalKey } from './keys.ts'
import type { Clocks } from './redis-clock.ts'
import type { Scope } from './scope.ts'
import { judgeByTag, type Stamp, type Verdict } from './stamp.ts'
import type { CacheState, RedisState } from './state.ts'
import { type Header, readEntry, readHeader } from './wire-format.ts'

/** What Redis has of a key. `bytes` are the entry as written, if there is one. */
export type Lookup =
  | { kind: 'found'; entry: Entry; bytes: Buffer }
  /** Nothing, or nothing that may be used. */
  | { kind: 'missing'; bytes: Buffer | null }
  /** Redis is away, or too slow. */
  | { kind: 'unavailable'; bytes: null }

export const UNAVAILABLE: Lookup = { kind: 'unavailable', bytes: null }
const MISSING: Lookup = { kind: 'missing', bytes: null }

/** Where clocks and counters stood when Redis was asked. */
export interface AsOf {
  readonly clocks: Clocks
  /** When it had answered, by the clock of this process. */
  readonly nowMs: number
  readonly stamp: Stamp
  /** The local revision by which nothing has happened here since that Redis does not know. */
  readonly revision: number
}

/** No revision at all. */
export const UNVOUCHED = -1

/** Tells what the bytes come to that Redis has under a key. */
export class Interpreter {
  readonly #state: CacheState

  constructor(state: CacheState) {
    this.#state = state
  }

  /** What an entry as written comes to, by the counters as they stood when it was asked for. */
  interpret(
    redis: RedisState,
    scope: Scope,
    key: string,
    bytes: Buffer | null,
    asOf: AsOf,
  ): Lookup | Promise<Lookup> {
    if (bytes === null) return MISSING
    const { stamp, clocks } = asOf
    const header = this.#open(key, bytes, stamp)
    if (header === undefined || header.stamp.era !== stamp.era) return { kind: 'missing', bytes }
    if (redis.unacknowledged.covers(scope.path, internalKey(key), header.tags)) {
      return { kind: 'missing', bytes }
    }
    const entry = this.#read(scope, key, bytes, header, clocks)
    if (!(entry instanceof Promise)) return this.#judge(redis, entry, bytes, asOf)
    return entry.then((later) => this.#judge(redis, later, bytes, asOf))
  }

  #judge(
    redis: RedisState,
    entry: Entry | undefined,
    bytes: Buffer,
    asOf: AsOf,
  ): Lookup | Promise<Lookup> {
    if (entry === undefined) return { kind: 'missing', bytes }
    const verdict = this.#judgeHere(entry, asOf)
    if (verdict !== 'unknown') return toLookup(entry, bytes, asOf.nowMs, verdict)
    return this.#judgeInRedis(redis, entry).then((judged) =>
      toLookup(entry, bytes, asOf.nowMs, judged),
    )
  }

  #open(key: string, bytes: Buffer, stamp: Stamp): Header | undefined {
    try {
      return readHeader(bytes, stamp)
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

  /**
   * While the epoch is that of its load, no tag at all has been invalidated since. Else what is known
   * of its tags here counts as it does for memory: while we hear of what happens.
   */
  #judgeHere(entry: Entry, { stamp, revision }: AsOf): Verdict {
    if (entry.tags.length === 0) return 'valid'
    if (entry.stamp.epoch === stamp.epoch) {
      // Memory may know nothing of its tags, and need not while this lasts.
      entry.checkedRevision = revision
      return 'valid'
    }
    const { trust, local } = this.#state
    const canTell = trust.isHearing && trust.isPrompt
    return canTell ? local.judgeTags(entry.stamp.epoch, entry.tags) : 'unknown'
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
