import { BulkLoad } from './bulk-load.ts'
import { isDueEarly } from './early-refresh.ts'
import type { Entry } from './entry.ts'
import { resolveLoadOptions } from './entry-options.ts'
import { Flight } from './flight.ts'
import { foundBy, type Held, heldInMemory, heldInRedis, takeValue, toFound } from './held.ts'
import type { Lookup } from './interpreting.ts'
import type { Loading } from './loading.ts'
import type { Lookups } from './lookup.ts'
import { asked, flightFor, type Request } from './request.ts'
import { memoryId, requireKey, type Scope } from './scope.ts'
import { type CacheState, readableRedis } from './state.ts'
import type { BulkLoader, FoundEntry, Loader, LoadOptions } from './types.ts'
import { hasConditions, isInvalidatedBetween, requireLoader, waitFor } from './waiting.ts'

/**
 * The way down: memory, Redis, the loader. It answers with the first usable value, and starts at
 * most one load for a key, whoever asks.
 */
export class Fetching {
  readonly #state: CacheState
  readonly #lookups: Lookups
  readonly #loading: Loading

  constructor(state: CacheState, lookups: Lookups, loading: Loading) {
    this.#state = state
    this.#lookups = lookups
    this.#loading = loading
  }

  /**
   * The value of a load under way that any caller may share who came without conditions of its own,
   * if there is one: most of a stampede is answered here.
   */
  shared<V>(
    scope: Scope,
    id: string,
    key: string,
    loader: Loader<V>,
    options: LoadOptions | undefined,
  ): Promise<V> | undefined {
    const flight = flightFor<V>(this.#state, id, this.#state.unleasedLoads)
    if (flight === undefined || flight.isReplacing) return undefined
    if (flight.revision !== this.#state.local.revision || hasConditions(scope, options)) {
      return undefined
    }
    this.#state.counts.coalesced += 1
    flight.enter()
    if (flight.shared !== undefined) return flight.shared
    return flight.share(() => this.fetch(scope, key, loader, options).then(takeValue))
  }

  /** `getOrSet`, from where there is no fresh value in memory. */
  async fetch<V>(
    scope: Scope,
    key: string,
    loader: Loader<V>,
    options: LoadOptions | undefined,
  ): Promise<FoundEntry<V>> {
    requireKey(key)
    requireLoader('getOrSet', loader)
    const call = resolveLoadOptions('getOrSet', scope.defaults, options)
    call.signal?.throwIfAborted()
    return this.#serve({
      scope,
      key,
      id: memoryId(scope, key),
      loader,
      call,
      ...asked(this.#state),
    })
  }

  /** The values of `getOrSetMany`: the same for many keys, which share their reads and their load. */
  async fetchMany<V>(
    scope: Scope,
    keys: readonly string[],
    loadMissing: BulkLoader<V>,
    options: LoadOptions | undefined,
  ): Promise<V[]> {
    for (const key of keys) requireKey(key)
    requireLoader('getOrSetMany', loadMissing)
    const call = resolveLoadOptions('getOrSetMany', scope.defaults, options)
    call.signal?.throwIfAborted()
    const group = new BulkLoad<V>(this.#hooked(loadMissing), keys)
    const now = asked(this.#state)
    const ids = keys.map((key) => memoryId(scope, key))
    const held = ids.map((id) => heldInMemory<V>(this.#state, scope, id))
    const unknown = keys.filter((_, index) =>
      this.#needsRedis(ids[index] as string, now.unleasedLoads, held[index]),
    )
    const lookups = unknown.length === 0 ? [] : await this.#lookups.readMany(scope, unknown)
    call.signal?.throwIfAborted()
    let next = 0
    let isPending = false
    const values = keys.map((key, index): V | Promise<V> => {
      const lookup = key === unknown[next] ? lookups[next] : undefined
      if (lookup !== undefined) next += 1
      const fresh = this.#freshInRedis<V>(scope, key, lookup)
      if (fresh !== undefined) return fresh.value
      const id = ids[index] as string
      const request = { scope, key, id, loader: group.load, call, ...now, group }
      const found = this.#serveFrom(request, this.#heldOf(lookup, held[index]), lookup)
      if (!(found instanceof Promise)) return found.value
      isPending = true
      return found.then(takeValue)
    })
    group.close()
    return isPending ? Promise.all(values) : (values as V[])
  }

  /** A hit in Redis that asks for nothing more, which most are, counted: they are found fast. */
  #freshInRedis<V>(scope: Scope, key: string, lookup: Lookup | undefined): Entry<V> | undefined {
    if (lookup?.kind !== 'found') return undefined
    const entry = lookup.entry as Entry<V>
    const isHit = this.#state.clock.now() < entry.freshUntilMs && !this.#isDueEarly(scope, entry)
    if (!isHit) return undefined
    this.#state.tally.redisHit(key)
    return entry
  }

  #heldOf<V>(lookup: Lookup | undefined, held: Held<V> | undefined): Held<V> | undefined {
    return lookup === undefined ? held : (heldInRedis<V>(this.#state, lookup) ?? held)
  }

  #hooked<V>(loadMissing: BulkLoader<V>): BulkLoader<V> {
    return (missing, context) =>
      this.#state.loadHooks.run({ keys: missing, isBackground: false }, () =>
        loadMissing(missing, context),
      )
  }

  async #serve<V>(request: Request<V>): Promise<FoundEntry<V>> {
    const held = heldInMemory<V>(this.#state, request.scope, request.id)
    if (!this.#needsRedis(request.id, request.unleasedLoads, held))
      return this.#serveFrom(request, held, undefined)
    const lookup = await this.#lookups.read(request.scope, request.key)
    request.call.signal?.throwIfAborted()
    return this.#serveFrom(request, this.#heldOf(lookup, held), lookup)
  }

  /** Whether neither memory nor a load under way can answer, and Redis may. */
  #needsRedis<V>(id: string, unleasedLoads: number, held: Held<V> | undefined): boolean {
    if (held?.use === 'fresh' || held?.use === 'revalidate') return false
    if (flightFor(this.#state, id, unleasedLoads) !== undefined) return false
    return readableRedis(this.#state) !== undefined
  }

  /** Answers with what there is, or with what a load brings. */
  #serveFrom<V>(
    request: Request<V>,
    held: Held<V> | undefined,
    lookup: Lookup | undefined,
  ): FoundEntry<V> | Promise<FoundEntry<V>> {
    if (held?.use === 'fresh' || held?.use === 'revalidate') {
      const isDue = held.use === 'revalidate' || this.#isDueEarly(request.scope, held.entry)
      if (isDue) this.#refreshBehind(request, held, lookup)
      return this.#hit(request, held)
    }
    const flight = flightFor<V>(this.#state, request.id, request.unleasedLoads)
    if (flight !== undefined) return this.#join(request, flight, held)
    // Its loader has just failed: what staleIfError allows is served without asking again.
    if (
      held?.use === 'on-error' &&
      this.#state.backoff.isWaiting(request.id, this.#state.clock.now())
    )
      return this.#hit(request, held)
    return this.#load(request, held, lookup)
  }

  /** Refreshes an entry that memory has just answered with, if it is near enough to its end. */
  refreshEarly<V>(
    scope: Scope,
    key: string,
    loader: Loader<V>,
    options: LoadOptions | undefined,
    entry: Entry<V>,
  ): void {
    if (!this.#isDueEarly(scope, entry)) return
    requireLoader('getOrSet', loader)
    const call = resolveLoadOptions('getOrSet', scope.defaults, options)
    const request = { scope, key, id: memoryId(scope, key), loader, call, ...asked(this.#state) }
    this.#refreshBehind(request, { entry, use: 'fresh', tier: 'memory' }, undefined)
  }

  #isDueEarly({ defaults }: Scope, entry: Entry): boolean {
    if (defaults.earlyBeta === 0) return false
    return isDueEarly(entry, defaults.earlyBeta, this.#state.clock.now(), this.#state.random)
  }

  /** Loads now, whatever is cached. */
  async refresh<V>(
    scope: Scope,
    key: string,
    loader: Loader<V>,
    options: LoadOptions | undefined,
  ): Promise<FoundEntry<V>> {
    requireKey(key)
    requireLoader('refresh', loader)
    const call = resolveLoadOptions('refresh', scope.defaults, options)
    call.signal?.throwIfAborted()
    const request = { scope, key, id: memoryId(scope, key), loader, call, ...asked(this.#state) }
    // A load that is under way began before this one, and must not overwrite what it brings.
    this.#state.fences.breach(request.id)
    const flight = this.#start(
      request,
      heldInMemory<V>(this.#state, request.scope, request.id),
      undefined,
      { isForced: true },
    )
    const outcome = await waitFor(this.#state, request, flight, undefined)
    // What is cached may stand in for a load that failed, but not for one that was asked for.
    if (outcome.fate === 'stale') throw outcome.error
    return foundBy(outcome)
  }

  #load<V>(
    request: Request<V>,
    held: Held<V> | undefined,
    lookup: Lookup | undefined,
  ): Promise<FoundEntry<V>> {
    this.#state.tally.miss(request.key)
    const flight = this.#start(request, held, lookup, {})
    return waitFor(this.#state, request, flight, held).then(foundBy)
  }

  /** Waits for a load that somebody else has begun, unless it turns out not to be for this call. */
  async #join<V>(
    request: Request<V>,
    flight: Flight<V>,
    held: Held<V> | undefined,
  ): Promise<FoundEntry<V>> {
    this.#state.counts.coalesced += 1
    const outcome = await waitFor(this.#state, request, flight, held)
    const isTooOld =
      outcome.fate === 'refused' ||
      isInvalidatedBetween(this.#state, flight, request, outcome.entry)
    // Another process refreshes the value, and what there is here can no longer be served.
    const isOver =
      outcome.fate === 'elsewhere' && this.#state.clock.now() >= outcome.entry.revalidateUntilMs
    return isTooOld || isOver ? this.#serve(request) : foundBy(outcome)
  }

  /** Replaces an entry while it goes on being served, unless that has just been tried in vain. */
  #refreshBehind<V>(request: Request<V>, held: Held<V>, lookup: Lookup | undefined): void {
    if (this.#state.backoff.isWaiting(request.id, this.#state.clock.now())) return
    if (flightFor(this.#state, request.id, request.unleasedLoads) !== undefined) return
    this.#start(request, held, lookup, { isBackground: true })
  }

  #hit<V>({ key }: Request<V>, { entry, use, tier }: Held<V>): FoundEntry<V> {
    const { tally } = this.#state
    if (use !== 'fresh') tally.staleHit(key, tier)
    else if (tier === 'memory') tally.memoryHit(key)
    else tally.redisHit(key)
    return toFound(entry, tier)
  }

  #start<V>(
    { scope, key, id, loader, call, group }: Request<V>,
    held: Held<V> | undefined,
    lookup: Lookup | undefined,
    { isBackground = false, isForced = false }: { isBackground?: boolean; isForced?: boolean },
  ): Flight<V> {
    const fence = this.#state.fences.open(id, scope.path)
    const { clock, local } = this.#state
    const flight = new Flight<V>(fence, local.revision, clock.now(), {
      isReplacing: held !== undefined,
      isBackground,
    })
    this.#state.flights.set(id, flight as Flight<unknown>)
    if (isBackground) flight.enter()
    group?.join(key)
    const stale = held?.entry
    void this.#loading.run({
      scope,
      key,
      loader,
      call,
      flight,
      stale,
      lookup,
      isBackground,
      isForced,
      group,
    })
    return flight
  }
}
