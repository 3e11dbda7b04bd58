import type { CacheEntry, LoadContext } from '@hotpath/core'
import { ageOf, answerStale } from './answer.ts'
import type { BackgroundRun } from './background/background-runs.ts'
import { repeatRequest } from './background/repeat-request.ts'
import { Fill } from './fill.ts'
import { ABANDONED, type FillTask, type Outcome } from './fill-task.ts'
import { type Kept, nameOf, type Place } from './place.ts'
import { interceptDestroy } from './recording/intercept-destroy.ts'
import { ResponseRecorder } from './recording/response-recorder.ts'
import type { RouteTools } from './route-tools.ts'
import { isInAudience } from './rules/audience.ts'
import { isRepeatable } from './rules/repeatability.ts'
import { selectVariant } from './rules/selection.ts'
import { isStaleWelcome } from './rules/stale-use.ts'
import type { Visit } from './visit.ts'

/** Loads what the cache has not: by the handler that the request goes on to, or by a run of it behind. */
export class Forwarding {
  readonly #tools: RouteTools

  constructor(tools: RouteTools) {
    this.#tools = tools
  }

  /** Lets the request proceed and records the response. */
  fill<Req, C>(visit: Visit<Req, C>, place: Place, load: LoadContext<Outcome>): Promise<Outcome> {
    if (load.isBackground) return this.#runBehind(visit, place, load)
    const stale = this.#usableOf(visit, load.stale)
    const isHeadAlone = visit.req.method === 'HEAD' && stale === undefined
    visit.hasNothingToKeep = isHeadAlone || visit.isForPart
    if (visit.isOver || visit.hasNothingToKeep || this.#answerStale(visit, stale)) {
      load.skip()
      return Promise.resolve(ABANDONED)
    }
    const reason = stale === undefined || place.reason === 'request' ? place.reason : 'stale'
    return new Promise((settle, fail) => {
      const at = reason === place.reason ? place : { ...place, reason }
      this.#forward(visit, at, stale, { load, isDetached: false, settle, fail })
    })
  }

  /** Lets a request proceed that no client has sent, and keeps what comes of it. */
  takeUp<Req, C>(visit: Visit<Req, C>, primaryKey: string, run: BackgroundRun): void {
    run.isTakenUp = true
    const place: Place = { primaryKey, key: run.key, reason: 'stale' }
    const stale = this.#usableOf(visit, run.load.stale)
    this.#forward(visit, place, stale, { ...run, isDetached: true })
  }

  /** Fetches anew what is stored, which is served meanwhile. */
  async #runBehind<Req, C>(
    visit: Visit<Req, C>,
    { key }: Place,
    load: LoadContext<Outcome>,
  ): Promise<Outcome> {
    const { policy, port, context, req, scope } = visit
    const { runs } = this.#tools
    const vary = this.#usableOf(visit, load.stale)?.value.parts.vary
    const isRunnable =
      vary !== undefined && isRepeatable(vary, scope !== undefined, policy.credentials)
    if (!isRunnable || runs.isFull) {
      load.skip()
      return ABANDONED
    }
    const request = repeatRequest(req, policy.key, vary)
    return runs.start({ route: this, key, load, request, enter: port.entry(context) })
  }

  #forward<Req, C>(
    visit: Visit<Req, C>,
    place: Place,
    stale: Kept | undefined,
    ends: Pick<FillTask, 'load' | 'isDetached' | 'settle' | 'fail'>,
  ): void {
    const { clock, variants, hitForMiss, store, warnings, lives, knownVary } = this.#tools
    const { primaryKey, key, reason } = place
    const { load, isDetached, settle, fail } = ends
    // Each field by its name: a spread would cost more than all the rest.
    const fill = new Fill(visit as Visit<Req>, {
      load,
      isDetached,
      settle,
      fail,
      primaryKey,
      key,
      reason,
      stale,
      lives: isDetached || !visit.policy.options.collapse ? undefined : lives,
      clock,
      variants,
      warnings,
      rememberVary: (names) => {
        if (key === primaryKey) knownVary.remember(key, names)
      },
      rememberUnstorable: () => hitForMiss.remember(nameOf(visit, place), clock.now()),
      dropStale: () => void store.delete(key),
    })
    this.#record(visit, fill, stale !== undefined, ends)
  }

  #record<Req, C>(
    visit: Visit<Req, C>,
    fill: Fill<Req>,
    hasStale: boolean,
    { isDetached, fail }: Pick<FillTask, 'isDetached' | 'fail'>,
  ): void {
    const { res, policy } = visit
    const recorder = new ResponseRecorder(res, policy.options, this.#tools.clock, fill)
    const failed = (error: unknown): boolean => recorder.fail(error)
    if (hasStale) interceptDestroy(res, failed)
    // What nobody has asked for ends nobody's process.
    const ended = (error: unknown): true => {
      if (!failed(error)) fail(error)
      res.destroy()
      return true
    }
    const told = isDetached ? ended : hasStale ? failed : undefined
    visit.proceed(() => recorder.giveUp('taken-over'), told)
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
    answerStale(visit, stale, 'max-stale', nowMs)
    return true
  }
}
