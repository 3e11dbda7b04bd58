import type { Entry } from './entry.ts'
import { inspectStored, stateOfCopy } from './inspect-stored.ts'
import type {
  Inspection,
  InvalidatedBy,
  LeaseInspection,
  LoadInspection,
  MemoryInspection,
  RedisInspection,
} from './inspection-types.ts'
import { internalKey, type KeySpace } from './keys.ts'
import { memoryId, requireKey, type Scope } from './scope.ts'
import { type CacheState, countersOf, type RedisState } from './state.ts'

/** `cache.inspect`: looks at every tier and changes nothing, not even which entry was used last. */
export class Inspecting {
  readonly #state: CacheState
  readonly #keys: KeySpace

  constructor(state: CacheState, keys: KeySpace) {
    this.#state = state
    this.#keys = keys
  }

  inspect(scope: Scope, key: string): Promise<Inspection> {
    const inspection = this.#inspect(scope, key)
    // Printers of test runners call whatever is named `inspect`, with a depth, and let the answer lie.
    inspection.catch(() => {})
    return inspection
  }

  async #inspect(scope: Scope, key: string): Promise<Inspection> {
    requireKey(key)
    const { namespace, redis, backoff, clock } = this.#state
    const id = memoryId(scope, key)
    const name = this.#keys.value(scope.path, internalKey(key))
    return {
      key,
      namespace: namespace + scope.path,
      redisKey: redis && redis.link.keyPrefix + name,
      memory: this.#inMemory(scope, id),
      load: this.#loadOf(id),
      isBackingOff: backoff.isWaiting(id, clock.now()),
      redis: await this.#inRedis(scope, internalKey(key)),
    }
  }

  #inMemory(scope: Scope, id: string): MemoryInspection {
    const { memory, clock, trust } = this.#state
    if (memory === undefined) return { status: 'off' }
    const entry = memory.peek(id)
    if (entry === undefined) return { status: 'absent' }
    const nowMs = clock.now()
    const { createdAtMs, freshUntilMs, revalidateUntilMs, usableOnErrorUntilMs } = entry
    const invalidatedBy = this.#whyNot(scope, entry)
    const isServable = nowMs < trust.graceEndsMs || entry.storedAtMs > trust.lostAtMs
    const windows = {
      freshForMs: freshUntilMs - nowMs,
      staleWhileRevalidateMs: revalidateUntilMs - freshUntilMs,
      staleIfErrorMs: usableOnErrorUntilMs - freshUntilMs,
    }
    const state = this.#mustAskRedis(scope, entry) ? 'unknown' : stateOfCopy(windows, invalidatedBy)
    return {
      status: 'present',
      state: isServable || state === 'invalid' ? state : 'unvouched',
      isVouchedFor: trust.graceEndsMs === Number.POSITIVE_INFINITY,
      createdAtMs,
      freshUntilMs,
      revalidateUntilMs,
      usableOnErrorUntilMs,
      storedAtMs: entry.storedAtMs,
      bytes: entry.bytes,
      tags: entry.tags,
      invalidatedBy,
    }
  }

  /** Whether the copy of Redis's counters does not say all. */
  #mustAskRedis(scope: Scope, entry: Entry): boolean {
    const { redis, local } = this.#state
    if (redis === undefined || entry.contract !== scope.contract) return false
    if (entry.checkedRevision === local.revision) return false
    return countersOf(this.#state, entry.stamp).judge(entry, scope.paths) === 'unknown'
  }

  #whyNot(scope: Scope, entry: Entry): InvalidatedBy[] {
    const { stamp, tags, contract } = entry
    const counters = countersOf(this.#state, stamp)
    const because: InvalidatedBy[] = []
    if (contract !== scope.contract) because.push({ kind: 'definition' })
    if (entry.checkedRevision === this.#state.local.revision) return because
    const isOfThisEra = counters.judge({ stamp, tags: [] }, scope.paths) === 'valid'
    if (!isOfThisEra) because.push({ kind: 'clear', loadedIn: stamp.era })
    for (const tag of tags) {
      const verdict = counters.judgeTags(stamp.epoch, [tag])
      if (verdict === 'valid') continue
      because.push({ kind: 'tag', tag, effect: EFFECTS[verdict], loadedIn: stamp.epoch })
    }
    return because
  }

  #loadOf(id: string): LoadInspection | undefined {
    const flight = this.#state.flights.get(id)
    if (flight === undefined) return undefined
    const { startedAtMs, waiters, isBackground } = flight
    return { startedAtMs, waiters, isBackground }
  }

  async #inRedis(scope: Scope, key: string): Promise<RedisInspection> {
    const { redis, isClosed } = this.#state
    if (redis === undefined) return { status: 'off' }
    if (!redis.link.isUsable || isClosed) return { status: 'unavailable' }
    try {
      return await this.#askRedis(redis, scope, key)
    } catch {
      return { status: 'unavailable' }
    }
  }

  async #askRedis(redis: RedisState, scope: Scope, key: string): Promise<RedisInspection> {
    const { link, tier, counters } = redis
    const value = this.#keys.value(scope.path, key)
    const lease = this.#keys.lease(scope.path, key)
    const [read, ttlMs, token, leaseMs, ...names] = await Promise.all([
      tier.read(scope.path, [key], []),
      link.command('pttl', value),
      link.command('get', lease),
      link.command('pttl', lease),
      ...scope.paths.map((path) => link.command('get', this.#keys.era(path))),
    ])
    const bytes = read.values[0] ?? null
    const about = {
      expiresInMs: Math.max(Number(ttlMs), 0),
      lease: token === null ? undefined : this.#leaseOf(String(token), Number(leaseMs)),
    }
    if (bytes === null) return { status: 'absent', lease: about.lease }
    return inspectStored(bytes, {
      about,
      redisNowMs: read.clocks.redisNowMs,
      era: names.every(Boolean) ? names.map(String).join('.') : undefined,
      recordsOf: (tags) => counters.records(tags),
      isPending: (tags) =>
        redis.journal.hasInvalidations || redis.unacknowledged.covers(scope.path, key, tags),
    })
  }

  /** A token is the name of a cache and a number; all of it would be leave to store something. */
  #leaseOf(token: string, leaseMs: number): LeaseInspection {
    const holder = token.replace(/-\d+$/, '')
    return { holder, isOurs: holder === this.#state.instance, expiresInMs: Math.max(leaseMs, 0) }
  }
}

const EFFECTS = { invalid: 'deleted', stale: 'expired', unknown: 'no-record' } as const
