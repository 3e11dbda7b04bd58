import type { Cache, CacheEntry, Clock, FoundEntry, LoadContext } from '@hotpath/core'
import { ageOf, answer, answer504, judge } from './answer.ts'
import type { ForwardReason, StaleReason, Via } from './fields/cache-status.ts'
import { Fill } from './fill.ts'
import { ABANDONED, type Outcome, REFUSED } from './fill-task.ts'
import { makeVariantKey } from './keys/cache-key.ts'
import { pass } from './pass.ts'
import { interceptDestroy, ResponseRecorder } from './recording/response-recorder.ts'
import { isInAudience } from './rules/audience.ts'
import { selectVariant } from './rules/selection.ts'
import { isStaleWelcome, mayBeRevalidatedBehind, mayStandIn } from './rules/stale-use.ts'
import type { HitForMiss } from './storing/hit-for-miss.ts'
import type { StoredResponse } from './storing/stored-response.ts'
import type { VariantLimit } from './storing/variant-limit.ts'
import type { Visit } from './visit.ts'

/** What the routes of one response cache share. */
export interface RouteTools {
  /** Where responses are kept: the namespace of this package in a cache. */
  readonly store: Cache
  readonly clock: Clock
  /** Keys whose responses were not to be stored. */
  readonly hitForMiss: HitForMiss
  /** Keys whose stored responses are validated for each request. */
  readonly unshared: HitForMiss
  readonly variants: VariantLimit
  purgeUrls(urls: readonly string[]): void
}

/** How many stored responses may have to be passed over for one whose Vary fits. */
export const MOST_STEPS = 4

/** After so long a request no longer waits for another's response and goes to the handler itself. */
const LONGEST_WAIT = '30s'

/** Who wants a part of it waits only for what is as good as there. */
const LONGEST_WAIT_FOR_PART = '100ms'

/** Where a response is looked for. */
interface Place {
  /** The key of the URL. */
  readonly primaryKey: string
  /** The same, or that of a variant. */
  readonly key: string
  readonly reason: ForwardReason
}

type Found = FoundEntry<StoredResponse>
type Kept = CacheEntry<StoredResponse>

/**
 * The way of a request that memory could not answer: to Redis, to what another request is loading,
 * or to the handler, whose response is kept if the rules allow.
 */
export class MissPath {
  readonly #tools: RouteTools

  constructor(tools: RouteTools) {
    this.#tools = tools
  }

  /** Answers with a stored response that fits the request's Vary, if it is for this client. */
  use<Req, C>(visit: Visit<Req, C>, primaryKey: string, entry: Kept, via: Via): void {
    const nowMs = this.#tools.clock.now()
    const reuse = judge(visit, entry, nowMs)
    if (reuse === 'use') {
      visit.port.takeOver(visit.context)
      answer(visit, entry, via, nowMs)
    } else if (reuse === 'reload' && visit.isForPart) passOn(visit, 'request')
    else if (reuse === 'reload') this.reload(visit, primaryKey)
    else if (reuse === 'stale') this.#useStale(visit, entry, nowMs)
    else pass(visit, { reason: 'bypass', detail: 'credentials' })
  }

  /** Answers from wherever a stored response is found or awaited, else by the handler. */
  search<Req, C>(visit: Visit<Req, C>, primaryKey: string): void {
    const place: Place = { primaryKey, key: primaryKey, reason: 'uri-miss' }
    const { collapse } = visit.policy.options
    if (collapse && !visit.directives?.onlyIfCached) void this.#loadOnce(visit, place)
    else void this.#lookUp(visit, place)
  }

  /** Runs the handler although there is a stored response, and keeps the new one in its place. */
  reload<Req, C>(visit: Visit<Req, C>, primaryKey: string): void {
    if (visit.req.method === 'HEAD') pass(visit, { reason: 'request' })
    else void this.#load(visit, { primaryKey, key: primaryKey, reason: 'request' })
  }

  /** Answers with what is not fresh where it says that it may be, else by the handler. */
  #useStale<Req, C>(visit: Visit<Req, C>, entry: Kept, nowMs: number): void {
    const { windows } = entry.value.parts
    const facts = { windows, staleMs: nowMs - entry.freshUntilMs }
    if (mayBeRevalidatedBehind(facts)) this.#serveStale(visit, entry, 'stale-while-revalidate')
    else if (mayStandIn(facts)) this.#serveStale(visit, entry, 'stale-if-error')
    else passOn(visit, 'stale')
  }

  #serveStale<Req, C>(visit: Visit<Req, C>, entry: Kept, reason: StaleReason): void {
    visit.port.takeOver(visit.context)
    answer(visit, entry, reason, this.#tools.clock.now())
  }

  /** Looks for a stored response without waiting for one. */
  async #lookUp<Req, C>(visit: Visit<Req, C>, start: Place): Promise<void> {
    let place = start
    for (let step = 0; step < MOST_STEPS; step += 1) {
      const found = await this.#tools.store.getEntry<StoredResponse>(place.key)
      if (visit.isOver) return
      if (found === undefined) break
      const next = nextPlace(visit, place, found)
      if (next === undefined) return this.#useFound(visit, place, found)
      place = next
    }
    const { directives, policy, port, context, req, res } = visit
    if (directives?.onlyIfCached) {
      port.takeOver(context)
      answer504(res, policy.options.cacheStatus)
    } else if (req.method === 'HEAD' || visit.isForPart) passOn(visit, place.reason)
    else await this.#load(visit, place)
  }

  /** One handler run for all who ask at the same time, in all processes. */
  async #loadOnce<Req, C>(visit: Visit<Req, C>, start: Place): Promise<void> {
    let place = start
    for (let step = 0; step < MOST_STEPS; step += 1) {
      if (this.#isKnown('hitForMiss', visit, place)) break
      if (this.#isKnown('unshared', visit, place)) return this.#load(visit, place)
      const found = await this.#fetch(visit, place)
      if (visit.isForwarded || visit.isOver) return
      if (found === undefined || found.value.kind === 'refused') break
      if (found.value.kind === 'abandoned') {
        if (visit.hasNothingToKeep) break
        continue
      }
      const next = nextPlace(visit, place, found as Found)
      if (next === undefined) return this.#useAwaited(visit, place, found as Found)
      place = next
    }
    const detail = this.#isKnown('hitForMiss', visit, place) ? 'hit-for-miss' : undefined
    passOn(visit, place.reason, detail)
  }

  /** What is stored, or comes of a load; `undefined` when that takes too long. */
  async #fetch<Req, C>(
    visit: Visit<Req, C>,
    place: Place,
  ): Promise<FoundEntry<Outcome> | undefined> {
    const load = (context: LoadContext<Outcome>): Outcome | Promise<Outcome> => {
      // It has looked in Redis since it looked here; a second one to find out would make others wait again.
      if (!this.#isKnown('hitForMiss', visit, place)) return this.#fill(visit, place, context)
      context.skip()
      return REFUSED
    }
    try {
      const hardTimeout = visit.isForPart ? LONGEST_WAIT_FOR_PART : LONGEST_WAIT
      return await this.#tools.store.getOrSetEntry(place.key, load, { hardTimeout })
    } catch {
      // The wait has become too long, or the load was for one who has been answered: the handler answers.
      return undefined
    }
  }

  /** One handler run for this request alone. */
  async #load<Req, C>(visit: Visit<Req, C>, place: Place): Promise<void> {
    const load = (context: LoadContext<Outcome>): Promise<Outcome> =>
      this.#fill(visit, place, context)
    try {
      await this.#tools.store.refresh(place.key, load)
    } catch {
      // As above.
    }
    // The handler has been asked, unless even that has failed, or there is no use in keeping it.
    if (!visit.isForwarded && !visit.isOver) passOn(visit, place.reason)
  }

  /** Lets the request proceed and records the response. */
  #fill<Req, C>(visit: Visit<Req, C>, place: Place, load: LoadContext<Outcome>): Promise<Outcome> {
    const stale = this.#usableOf(visit, load.stale)
    const isHeadAlone = visit.req.method === 'HEAD' && stale === undefined
    visit.hasNothingToKeep = isHeadAlone || visit.isForPart
    if (visit.isOver || visit.hasNothingToKeep || this.#answerStale(visit, stale)) {
      load.skip()
      return Promise.resolve(ABANDONED)
    }
    const { clock, variants, hitForMiss, store } = this.#tools
    const { primaryKey, key } = place
    const reason = stale === undefined || place.reason === 'request' ? place.reason : 'stale'
    return new Promise((settle, fail) => {
      const fill = new Fill(visit as Visit<Req>, {
        primaryKey,
        reason,
        stale,
        load,
        clock,
        variants,
        rememberUnstorable: () => hitForMiss.remember(nameOf(visit, place), clock.now()),
        dropStale: () => void store.delete(key),
        settle,
        fail,
      })
      this.#record(visit, fill, stale !== undefined)
    })
  }

  #record<Req, C>(visit: Visit<Req, C>, fill: Fill<Req>, hasStale: boolean): void {
    const { res, policy } = visit
    const recorder = new ResponseRecorder(res, policy.options.maxBodyBytes, this.#tools.clock, fill)
    const failed = (error: unknown): boolean => recorder.fail(error)
    if (hasStale) interceptDestroy(res, failed)
    visit.proceed(() => recorder.giveUp('taken-over'), hasStale ? failed : undefined)
  }

  /** What is stored, if it is what this request would have been answered with while it was fresh. */
  #usableOf<Req, C>(
    visit: Visit<Req, C>,
    stale: CacheEntry<Outcome> | undefined,
  ): Kept | undefined {
    if (stale?.value.kind !== 'response') return undefined
    const { vary, selection, audience } = stale.value.parts
    if (!isInAudience(audience, visit.credentials)) return undefined
    return selectVariant(vary, visit.headers) === selection ? (stale as Kept) : undefined
  }

  /** Answers with what is stale if the client has asked for that. */
  #answerStale<Req, C>(visit: Visit<Req, C>, stale: Kept | undefined): boolean {
    if (stale === undefined || visit.directives?.maxStaleMs === undefined) return false
    const nowMs = this.#tools.clock.now()
    const facts = { windows: stale.value.parts.windows, staleMs: nowMs - stale.freshUntilMs }
    if (!isStaleWelcome(facts, ageOf(stale, nowMs), visit.directives)) return false
    this.#serveStale(visit, stale, 'max-stale')
    return true
  }

  /** What another request has brought is for this one too, unless it is to be validated each time. */
  #useAwaited<Req, C>(visit: Visit<Req, C>, place: Place, found: Found): Promise<void> | undefined {
    const { clock, unshared } = this.#tools
    const nowMs = clock.now()
    const isForOne = found.tier === 'loader' && found.freshUntilMs <= nowMs
    if (!isForOne) return void this.#useFound(visit, place, found)
    // Nobody need wait for that again soon.
    unshared.remember(nameOf(visit, place), nowMs)
    return this.#load(visit, place)
  }

  #useFound<Req, C>(visit: Visit<Req, C>, place: Place, found: Found): void {
    const via = found.tier === 'loader' ? place.reason : found.tier
    this.use(visit, place.primaryKey, found, via)
  }

  #isKnown<Req, C>(what: 'hitForMiss' | 'unshared', visit: Visit<Req, C>, place: Place): boolean {
    return this.#tools[what].has(nameOf(visit, place), this.#tools.clock.now())
  }
}

/** Lets the handler answer; of a part that is not stored it makes the part. */
function passOn<Req, C>(visit: Visit<Req, C>, reason: ForwardReason, detail?: string): void {
  pass(visit, visit.isForPart ? { reason: 'bypass', detail: 'range' } : { reason, detail })
}

/** Where to look next when a stored response was chosen by other request fields than this request's. */
function nextPlace<Req, C>(
  { headers }: Visit<Req, C>,
  place: Place,
  { value }: Found,
): Place | undefined {
  const { vary, selection } = value.parts
  const wanted = selectVariant(vary, headers)
  if (wanted === selection) return undefined
  return { ...place, key: makeVariantKey(place.key, wanted), reason: 'vary-miss' }
}

/** What is not storable for one sort of client may be for another. */
function nameOf<Req, C>({ credentials }: Visit<Req, C>, { key }: Place): string {
  return `${credentials}\n${key}`
}
