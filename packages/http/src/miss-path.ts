import type { Cache, CacheEntry, Clock, FoundEntry, LoadContext } from '@hotpath/core'
import { answer, answer504, judge } from './answer.ts'
import type { ForwardReason, Via } from './fields/cache-status.ts'
import { ABANDONED, Fill, type Outcome } from './fill.ts'
import { makeVariantKey } from './keys/cache-key.ts'
import { pass } from './pass.ts'
import { ResponseRecorder } from './recording/response-recorder.ts'
import { selectVariant } from './rules/selection.ts'
import type { HitForMiss } from './storing/hit-for-miss.ts'
import type { StoredResponse } from './storing/stored-response.ts'
import type { VariantLimit } from './storing/variant-limit.ts'
import type { Visit } from './visit.ts'

/** What the routes of one response cache share. */
export interface RouteTools {
  /** Where responses are kept: the namespace of this package in a cache. */
  readonly store: Cache
  readonly clock: Clock
  readonly hitForMiss: HitForMiss
  readonly variants: VariantLimit
  purgeUrls(urls: readonly string[]): void
}

/** How many stored responses may have to be passed over for one whose Vary fits. */
export const MOST_STEPS = 4

/** After so long a request no longer waits for another's response and goes to the handler itself. */
const LONGEST_WAIT = '30s'

/** Where a response is looked for. */
interface Place {
  /** The key of the URL. */
  readonly primaryKey: string
  /** The same, or that of a variant. */
  readonly key: string
  readonly reason: ForwardReason
}

type Found = FoundEntry<StoredResponse>

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
  use<Req, C>(
    visit: Visit<Req, C>,
    primaryKey: string,
    entry: CacheEntry<StoredResponse>,
    via: Via,
  ): void {
    const nowMs = this.#tools.clock.now()
    const reuse = judge(visit, entry, nowMs)
    if (reuse === 'use') {
      visit.port.takeOver(visit.context)
      answer(visit, entry, via, nowMs)
    } else if (reuse === 'reload') this.reload(visit, primaryKey)
    else pass(visit, { reason: 'bypass', detail: 'credentials' })
  }

  /** Answers from wherever a stored response is found or awaited, else by the handler. */
  search<Req, C>(visit: Visit<Req, C>, primaryKey: string): void {
    const place: Place = { primaryKey, key: primaryKey, reason: 'uri-miss' }
    const mayWait = visit.req.method === 'GET' && visit.policy.options.collapse
    if (mayWait && !visit.directives?.onlyIfCached) void this.#loadOnce(visit, place)
    else void this.#lookUp(visit, place)
  }

  /** Runs the handler although there is a stored response, and keeps the new one in its place. */
  reload<Req, C>(visit: Visit<Req, C>, primaryKey: string): void {
    if (visit.req.method === 'HEAD') pass(visit, { reason: 'request' })
    else void this.#load(visit, { primaryKey, key: primaryKey, reason: 'request' })
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
    } else if (req.method === 'HEAD') pass(visit, { reason: place.reason })
    else await this.#load(visit, place)
  }

  /** One handler run for all who ask at the same time, in all processes. */
  async #loadOnce<Req, C>(visit: Visit<Req, C>, start: Place): Promise<void> {
    let place = start
    for (let step = 0; step < MOST_STEPS; step += 1) {
      if (this.#isHitForMiss(visit, place)) break
      const found = await this.#fetch(visit, place)
      if (visit.isForwarded || visit.isOver) return
      if (found === undefined || found.value.kind === 'refused') break
      if (found.value.kind === 'abandoned') continue
      const next = nextPlace(visit, place, found as Found)
      if (next === undefined) return this.#useFound(visit, place, found as Found)
      place = next
    }
    const detail = this.#isHitForMiss(visit, place) ? 'hit-for-miss' : undefined
    pass(visit, { reason: place.reason, detail })
  }

  /** What is stored, or comes of a load; `undefined` when that takes too long. */
  async #fetch<Req, C>(
    visit: Visit<Req, C>,
    place: Place,
  ): Promise<FoundEntry<Outcome> | undefined> {
    const load = (context: LoadContext<Outcome>): Promise<Outcome> =>
      this.#fill(visit, place, context)
    try {
      return await this.#tools.store.getOrSetEntry(place.key, load, { hardTimeout: LONGEST_WAIT })
    } catch {
      // The loader itself never fails: the wait has become too long, and the handler answers.
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
      // As above; the handler has been asked all the same, unless even that has failed.
      if (!visit.isForwarded && !visit.isOver) pass(visit, { reason: place.reason })
    }
  }

  /** Lets the request proceed and records the response. */
  #fill<Req, C>(visit: Visit<Req, C>, place: Place, load: LoadContext<Outcome>): Promise<Outcome> {
    if (visit.isOver) {
      load.skip()
      return Promise.resolve(ABANDONED)
    }
    const { clock, variants, hitForMiss } = this.#tools
    const { primaryKey, reason } = place
    const rememberUnstorable = (): void => {
      hitForMiss.remember(hitForMissKey(visit, place), clock.now())
    }
    return new Promise((settle) => {
      const task = { primaryKey, reason, load, clock, variants, rememberUnstorable, settle }
      const { maxBodyBytes } = visit.policy.options
      const fill = new Fill(visit as Visit<Req>, task)
      const recorder = new ResponseRecorder(visit.res, maxBodyBytes, clock, fill)
      visit.proceed(() => recorder.giveUp('taken-over'))
    })
  }

  #useFound<Req, C>(visit: Visit<Req, C>, place: Place, found: Found): void {
    const via = found.tier === 'loader' ? place.reason : found.tier
    this.use(visit, place.primaryKey, found, via)
  }

  #isHitForMiss<Req, C>(visit: Visit<Req, C>, place: Place): boolean {
    return this.#tools.hitForMiss.has(hitForMissKey(visit, place), this.#tools.clock.now())
  }
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
function hitForMissKey<Req, C>({ credentials }: Visit<Req, C>, { key }: Place): string {
  return `${credentials}\n${key}`
}
