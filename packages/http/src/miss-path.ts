import type { FoundEntry, LoadContext } from '@hotpath/core'
import { answer, answer504, answerStale, judge } from './answer.ts'
import type { ForwardReason, Via } from './fields/cache-status.ts'
import { type Outcome, REFUSED } from './fill-task.ts'
import { canFollow, follow } from './following.ts'
import type { Forwarding } from './forwarding.ts'
import { HiddenVariants } from './hidden-variants.ts'
import { pass } from './pass.ts'
import { type Found, type Kept, nameOf, nextPlace, type Place } from './place.ts'
import type { RouteTools } from './route-tools.ts'
import { mayBeRevalidatedBehind, mayStandIn } from './rules/stale-use.ts'
import type { Visit } from './visit.ts'

/** How many stored responses may have to be passed over for one whose Vary fits. */
export const MOST_STEPS = 4

/** After so long a request no longer waits for another's response and goes to the handler itself. */
const LONGEST_WAIT = { hardTimeout: 30_000 }

/** Who wants a part of it waits only for what is as good as there. */
const LONGEST_WAIT_FOR_PART = { hardTimeout: 100 }

/** So many times its load time before its end, nothing is ever due. */
const FARTHEST = 20

/**
 * The way of a request that memory could not answer: to Redis, to what another request is loading,
 * or to the handler, whose response is kept if the rules allow.
 */
export class MissPath {
  readonly #tools: RouteTools
  readonly #forwarding: Forwarding
  readonly #hidden: HiddenVariants

  constructor(tools: RouteTools, forwarding: Forwarding) {
    this.#tools = tools
    this.#forwarding = forwarding
    this.#hidden = new HiddenVariants(tools)
  }

  /** Answers with a stored response that fits the request's Vary, if it is for this client. */
  use<Req, C>(visit: Visit<Req, C>, primaryKey: string, entry: Kept, via: Via): void {
    const nowMs = this.#tools.clock.now()
    const reuse = judge(visit, entry, nowMs)
    if (reuse === 'use') {
      visit.port.takeOver(visit.context)
      answer(visit, entry, via, nowMs)
    } else if (reuse === 'stale') this.#useStale(visit, entry, nowMs)
    else if (visit.directives?.onlyIfCached) answer504(visit)
    else if (reuse === 'reload' && visit.isForPart) passOn(visit, 'request')
    else if (reuse === 'reload') this.reload(visit, primaryKey)
    else pass(visit, { reason: 'bypass', detail: 'credentials' })
  }

  /** Answers from wherever a stored response is found or awaited, else by the handler. */
  search<Req, C>(visit: Visit<Req, C>, primaryKey: string): void {
    const { pending } = this.#tools.firstHearing
    const place: Place = { primaryKey, key: primaryKey, reason: 'uri-miss' }
    const searching =
      pending === undefined
        ? this.#search(visit, place)
        : pending.then(() => (visit.isOver ? undefined : this.#search(visit, place)))
    searching.catch((error: unknown) => visit.fail(error))
  }

  #search<Req, C>(visit: Visit<Req, C>, place: Place): Promise<void> {
    const isAwaiting = visit.policy.options.collapse && !visit.directives?.onlyIfCached
    return isAwaiting ? this.#loadOnce(visit, place) : this.#lookUp(visit, place)
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
    if (mayBeRevalidatedBehind(facts)) answerStale(visit, entry, 'stale-while-revalidate', nowMs)
    else if (mayStandIn(facts)) answerStale(visit, entry, 'stale-if-error', nowMs)
    else if (visit.directives?.onlyIfCached) answer504(visit)
    else passOn(visit, 'stale')
  }

  /** Looks for a stored response without waiting for one. */
  async #lookUp<Req, C>(visit: Visit<Req, C>, start: Place): Promise<void> {
    let place = start
    for (let step = 0; step < MOST_STEPS; step += 1) {
      const found = await this.#tools.store.getEntry<Found['value']>(place.key)
      if (visit.isOver) return
      if (found === undefined) {
        const hidden = await this.#hidden.find(visit, place, undefined)
        if (visit.isOver) return
        if (hidden === undefined) break
        return this.#useFound(visit, place, hidden)
      }
      const next = nextPlace(visit, place, found)
      if (next === undefined) return this.#useFound(visit, place, found)
      place = next
    }
    if (visit.directives?.onlyIfCached) answer504(visit)
    else if (visit.req.method === 'HEAD' || visit.isForPart) passOn(visit, place.reason)
    else await this.#load(visit, place)
  }

  /** One handler run for all who ask at the same time, in all processes. */
  async #loadOnce<Req, C>(visit: Visit<Req, C>, start: Place): Promise<void> {
    let place = start
    for (let step = 0; step < MOST_STEPS; step += 1) {
      if (this.#isKnown('hitForMiss', visit, place)) break
      if (this.#isKnown('unshared', visit, place)) return this.#load(visit, place)
      const found = await this.#await(visit, place)
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

  /** The same, unless a response that has begun meanwhile has been sent already. */
  async #await<Req, C>(
    visit: Visit<Req, C>,
    place: Place,
  ): Promise<FoundEntry<Outcome> | undefined> {
    if (!canFollow(visit)) return this.#fetch(visit, place)
    const { lives, clock } = this.#tools
    const begun = lives.get(place.key)
    if (begun !== undefined && follow(visit, place, begun, clock.now())) return undefined
    const unlisten = lives.listen(place.key, (announced) => {
      try {
        follow(visit, place, announced, clock.now())
      } catch (error) {
        // Its own: whose handler has begun, and the others who wait, have nothing to do with it.
        visit.fail(error)
      }
    })
    const found = await this.#fetch(visit, place)
    unlisten()
    return found
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
      const wait = visit.isForPart ? LONGEST_WAIT_FOR_PART : LONGEST_WAIT
      return await this.#tools.store.getOrSetEntry(place.key, load, wait)
    } catch {
      // The wait has become too long, or the load was for one who has been answered: the handler answers.
      return undefined
    }
  }

  /** Runs the handler, unless there is a variant for this request that has only been lost sight of. */
  #fill<Req, C>(
    visit: Visit<Req, C>,
    place: Place,
    context: LoadContext<Outcome>,
  ): Promise<Outcome> {
    const search = context.isBackground ? undefined : this.#hidden.find(visit, place, context.stale)
    if (search === undefined) return this.#forwarding.fill(visit, place, context)
    return search.then((found) =>
      found === undefined
        ? this.#forwarding.fill(visit, place, context)
        : this.#hidden.moveUp(visit, found, context),
    )
  }

  /** One handler run for this request alone. */
  async #load<Req, C>(visit: Visit<Req, C>, place: Place): Promise<void> {
    const load = (context: LoadContext<Outcome>): Promise<Outcome> =>
      this.#forwarding.fill(visit, place, context)
    try {
      await this.#tools.store.refresh(place.key, load)
    } catch {
      // As above.
    }
    // The handler has been asked, unless even that has failed, or there is no use in keeping it.
    if (!visit.isForwarded && !visit.isOver) passOn(visit, place.reason)
  }

  /** Fetches anew what this request has been answered with, if it is due. */
  async refreshEarly<Req, C>(visit: Visit<Req, C>, primaryKey: string, entry: Kept): Promise<void> {
    const { clock, earlyBeta } = this.#tools
    const remainingMs = entry.freshUntilMs - clock.now()
    if (remainingMs > entry.loadMs * earlyBeta * FARTHEST) return
    let place: Place | undefined = { primaryKey, key: primaryKey, reason: 'uri-miss' }
    for (let step = 0; step < MOST_STEPS && place !== undefined; step += 1) {
      const found: FoundEntry<Outcome> | undefined = await this.#fetch(visit, place)
      if (found?.value.kind !== 'response') return
      place = nextPlace(visit, place, found as Found)
    }
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
    const via = found.tier === 'loader' ? (visit.foundIn ?? place.reason) : found.tier
    this.use(visit, place.primaryKey, found, via)
  }

  #isKnown<Req, C>(what: 'hitForMiss' | 'unshared', visit: Visit<Req, C>, place: Place): boolean {
    const known = this.#tools[what]
    return !known.isEmpty && known.has(nameOf(visit, place), this.#tools.clock.now())
  }
}

/** Lets the handler answer; of a part that is not stored it makes the part. */
function passOn<Req, C>(visit: Visit<Req, C>, reason: ForwardReason, detail?: string): void {
  pass(visit, visit.isForPart ? { reason: 'bypass', detail: 'range' } : { reason, detail })
}
