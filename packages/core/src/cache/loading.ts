import { giveOut, makeReady } from './checking.ts'
import type { Encoded } from './codec.ts'
import { decideUse, Entry, totalMs } from './entry.ts'
import { lifetimeOf } from './entry-options.ts'
import type { Flight, Outcome } from './flight.ts'
import { type Interpreter, type Lookup, UNVOUCHED } from './interpreting.ts'
import type { Invalidation } from './invalidation.ts'
import { internalKey } from './keys.ts'
import { type Load, replacedFreshness } from './load.ts'
import { Context } from './load-context.ts'
import type { Lease } from './redis-tier.ts'
import { isUsableOnError, keepInMemory, keepUnvouched } from './shelf.ts'
import type { Stamp } from './stamp.ts'
import { type CacheState, type RedisState, readableRedis, reportStoreError } from './state.ts'
import { entryOf, entryOnce, type Stored, storeInMemory, storeInRedis } from './storing.ts'
import { freshnessOf } from './wire-format.ts'

/** Leave to load a key, with the stamp that the value will carry. */
interface Permit {
  readonly stamp: Stamp
  /** Holds the lease in Redis; `undefined` when Redis is absent or away. */
  readonly lease: ({ readonly redis: RedisState } & Lease) | undefined
}

const FIRST_POLL_MS = 5
const LONGEST_POLL_MS = 100

/** Runs loaders and stores what they give, unless an invalidation has overtaken them. */
export class Loading {
  readonly #state: CacheState
  readonly #interpreter: Interpreter
  readonly #invalidation: Invalidation

  constructor(state: CacheState, interpreter: Interpreter, invalidation: Invalidation) {
    this.#state = state
    this.#interpreter = interpreter
    this.#invalidation = invalidation
  }

  /** Runs one load and settles its flight. Never rejects. */
  async run<V>(load: Load<V>): Promise<void> {
    const { flight } = load
    try {
      const permit = await this.#obtainPermit(load)
      if (permit === undefined) flight.settle(refreshedElsewhere(load))
      else if (permit instanceof Entry) flight.settle(this.#takeFromElsewhere(flight, permit))
      else flight.settle(await this.#perform(load, permit))
    } catch (error) {
      flight.fail(error)
    } finally {
      load.group?.pass(load.key)
      this.#state.fences.close(flight.fence)
      this.#end(flight)
    }
  }

  /** Nobody joins a load from now on. */
  #end<V>(flight: Flight<V>): void {
    const { flights } = this.#state
    const { id } = flight.fence
    if (flights.get(id) === (flight as Flight<unknown>)) flights.delete(id)
  }

  /**
   * Leave to load, or the entry that another process has loaded meanwhile; `undefined` for a load
   * that another process is doing already and nobody waits for here.
   */
  #obtainPermit<V>(load: Load<V>): Permit | Promise<Permit | Entry<V> | undefined> {
    const redis = readableRedis(this.#state)
    if (redis === undefined || load.lookup?.kind === 'unavailable') return this.#localPermit(load)
    return this.#leasePermit(load, redis)
  }

  /** Another process has loaded the value while this one waited for the lease. */
  #takeFromElsewhere<V>({ fence }: Flight<V>, entry: Entry<V>): Outcome<V> {
    keepInMemory(this.#state, fence, entry)
    // Who has no memory does not hear of deletes by other processes since then.
    const fate = this.#state.memory === undefined ? 'refused' : 'stored'
    return { entry, tier: 'redis', fate }
  }

  #localPermit<V>({ scope, flight }: Load<V>): Permit {
    if (this.#state.redis !== undefined) {
      this.#state.unleasedLoads += 1
      flight.unleasedLoad = this.#state.unleasedLoads
    }
    return { stamp: this.#state.offline.stamp(scope.paths), lease: undefined }
  }

  async #leasePermit<V>(load: Load<V>, redis: RedisState): Promise<Permit | Entry<V> | undefined> {
    const token = this.#state.nextToken()
    try {
      return load.isForced
        ? await this.#seize(load, redis, token)
        : await this.#contend(load, redis, token)
    } catch (error) {
      reportStoreError(this.#state, 'lease', error)
      // It may have been granted for all that, and only the answer was lost.
      this.#invalidation.queueRelease(load.scope, load.key, token)
      return this.#localPermit(load)
    }
  }

  async #seize<V>({ scope, key }: Load<V>, redis: RedisState, token: string): Promise<Permit> {
    const [stamp] = await Promise.all([
      redis.counters.stamp(scope.paths),
      redis.tier.seize(scope.path, internalKey(key), token),
    ])
    return { stamp, lease: { redis, token, isWrite: true } }
  }

  /** Takes the lease, or waits for whoever holds it to store the value or to lose the lease. */
  async #contend<V>(
    load: Load<V>,
    redis: RedisState,
    token: string,
  ): Promise<Permit | Entry<V> | undefined> {
    const { scope, key } = load
    let unusable = replacedFreshness(load)
    let pollMs = FIRST_POLL_MS
    for (;;) {
      const [stamp, reply] = await Promise.all([
        redis.counters.stamp(scope.paths),
        redis.tier.readOrLease(scope.path, internalKey(key), token, unusable),
      ])
      if (reply.isGranted) return { stamp, lease: { redis, token, isWrite: false } }
      const { bytes, clocks } = reply
      const nowMs = this.#state.clock.now()
      const asOf = { clocks, nowMs, stamp, revision: UNVOUCHED }
      const found = await this.#interpreter.interpret(redis, scope, key, bytes, asOf)
      if (isFresh(found, this.#state.clock.now())) return found.entry as Entry<V>
      if (bytes !== null) {
        unusable = freshnessOf(bytes)
        continue
      }
      if (load.isBackground || load.flight.isAbandoned) return undefined
      load.group?.pass(key)
      if (pollMs === FIRST_POLL_MS) this.#state.counts.leaseWaits += 1
      const longestMs = pollMs * (0.5 + this.#state.random.next())
      await this.#state.wakeUps.sleep(load.flight.fence.id, longestMs)
      pollMs = Math.min(pollMs * 1.5, LONGEST_POLL_MS)
    }
  }

  async #perform<V>(load: Load<V>, permit: Permit): Promise<Outcome<V>> {
    const { flight, key } = load
    if (flight.isAbandoned) {
      this.#release(load, permit)
      throw flight.signal.reason
    }
    const isCurrent = (): boolean => this.#isCurrent(flight)
    const context = new Context<V>(key, flight, load.stale, load.call, isCurrent)
    let startedMs = this.#state.clock.now()
    let value: V
    this.#state.counts.loads += 1
    try {
      value = await this.#state.pacing.run(() => {
        startedMs = this.#state.clock.now()
        return this.#callLoader(load, context)
      })
    } catch (error) {
      this.#release(load, permit)
      return this.#recover(load, error)
    }
    const durationMs = Math.max(this.#state.clock.now() - startedMs, 0)
    this.#state.backoff.succeeded(flight.fence.id)
    this.#state.events.emit('load', { key, durationMs })
    try {
      return await this.#store(load, permit, context, { value, durationMs })
    } catch (error) {
      // A value that cannot be kept, or does not fit its schema, is a loader's failure like others.
      this.#release(load, permit)
      return this.#recover(load, error)
    }
  }

  /** Whether nothing has been invalidated since a load began, as far as is known here, which must be far. */
  #isCurrent<V>({ fence, revision }: Flight<V>): boolean {
    const { memory, redis, trust, local } = this.#state
    const isVouchedFor = redis === undefined || trust.graceEndsMs === Number.POSITIVE_INFINITY
    const canTell = memory !== undefined && isVouchedFor
    return canTell && !fence.isBreached && revision === local.revision
  }

  #callLoader<V>(
    { loader, key, group, isBackground }: Load<V>,
    context: Context<V>,
  ): V | Promise<V> {
    // A bulk load is one call for all its keys.
    if (group !== undefined || this.#state.loadHooks.isEmpty) return loader(context)
    return this.#state.loadHooks.run({ keys: [key], isBackground }, () => loader(context))
  }

  /** The loader failed: a stale value if `staleIfError` allows one, else the error. */
  #recover<V>(load: Load<V>, error: unknown): Outcome<V> {
    const { scope, stale, flight, key, isBackground } = load
    this.#state.counts.loadErrors += 1
    this.#state.events.emit('loadError', { key, error, background: isBackground })
    if (stale !== undefined) {
      this.#state.backoff.failed(flight.fence.id, this.#state.clock.now())
    }
    if (stale === undefined || !isUsableOnError(this.#state, scope, flight.fence, stale))
      throw error
    return { entry: stale, tier: 'memory', fate: 'stale', error }
  }

  async #store<V>(
    load: Load<V>,
    permit: Permit,
    context: Context<V>,
    { value, durationMs }: { value: V; durationMs: number },
  ): Promise<Outcome<V>> {
    const lifetime = lifetimeOf(value, context.defaults, this.#state.random)
    const isKept = !context.isSkipped && totalMs(lifetime) > 0
    const about = { stamp: permit.stamp, lifetime, tags: context.tags }
    const nowMs = this.#state.clock.now()
    if (!isKept) {
      const given = await giveOut(load.scope, load.key, value)
      this.#release(load, permit)
      return { entry: entryOnce(given, about, nowMs), tier: 'loader', fate: 'skipped' }
    }
    const ready = makeReady(load.scope, load.key, value)
    const prepared = ready instanceof Promise ? await ready : ready
    const entry = entryOf(prepared, about, nowMs)
    entry.loadMs = durationMs
    // A value that was asked for and does not reach Redis leaves an older one there.
    if (load.isForced && permit.lease === undefined) {
      this.#invalidation.queueDelete(load.scope, load.key)
    }
    const fate =
      permit.lease === undefined
        ? storeInMemory(this.#state, load.scope, load.flight.fence, entry)
        : await this.#fill(load, permit.lease, entry, prepared.encoded)
    if (fate !== 'stored') {
      this.#state.counts.refusedFills += 1
      this.#state.events.emit('refused', { key: load.key })
    }
    return { entry, tier: 'loader', fate }
  }

  /** Stores an entry in Redis under its lease, then in memory. */
  async #fill<V>(
    { scope, key, flight }: Load<V>,
    lease: { redis: RedisState } & Lease,
    entry: Entry<V>,
    encoded: () => Encoded,
  ): Promise<Stored> {
    // Who has no memory does not hear of deletes by other processes, and asks Redis from now on.
    if (this.#state.memory === undefined) this.#end(flight)
    try {
      const fate = await storeInRedis(lease.redis, scope, key, lease, entry, encoded)
      if (fate === 'stored') keepInMemory(this.#state, flight.fence, entry)
      return fate
    } catch (error) {
      reportStoreError(this.#state, 'set', error)
      // Whether it was stored nobody knows.
      this.#invalidation.queueRelease(scope, key, lease.token)
      keepUnvouched(this.#state, flight.fence, entry)
      const isUnheardOf = this.#state.memory === undefined && lease.redis.link.isUsable
      return isUnheardOf ? 'refused' : 'stored'
    }
  }

  #release<V>({ scope, key }: Load<V>, { lease }: Permit): void {
    if (lease === undefined) return
    lease.redis.tier.release(scope.path, internalKey(key), lease.token).catch((error) => {
      reportStoreError(this.#state, 'release', error)
      this.#invalidation.queueRelease(scope, key, lease.token)
    })
  }
}

function isFresh(lookup: Lookup, nowMs: number): lookup is Lookup & { kind: 'found' } {
  return lookup.kind === 'found' && decideUse(lookup.entry, nowMs) === 'fresh'
}

function refreshedElsewhere<V>({ stale }: Load<V>): Outcome<V> {
  return { entry: stale as Entry<V>, tier: 'memory', fate: 'elsewhere' }
}
