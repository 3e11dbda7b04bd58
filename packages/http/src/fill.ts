import type { ServerResponse } from 'node:http'
import { takeTags } from './cache-tags.ts'
import type { Before } from './development-warnings.ts'
import { formatForward } from './fields/cache-status.ts'
import { ABANDONED, type FillTask, REFUSED } from './fill-task.ts'
import type { Fields } from './framework-port.ts'
import { tagsOfTarget } from './keys/purge-tags.ts'
import { requestTarget } from './keys/request-target.ts'
import { Announced } from './live-responses.ts'
import { addCacheStatus, markPrivate } from './pass.ts'
import { type Promised, toHead, toStored } from './promised-response.ts'
import { fieldsToKeep } from './recording/fields-to-keep.ts'
import type {
  BodyPlan,
  LossCause,
  RecorderObserver,
  Recording,
  Replacement,
} from './recording/recorder-observer.ts'
import { type ResponseHead, setStatusMessage } from './recording/response-head.ts'
import { RequestConditions } from './request-conditions.ts'
import { isConditional, isLeftOutOf304, isNotModified } from './rules/precondition.ts'
import { weakenSharedEtag } from './rules/shared-etag.ts'
import { isFailure } from './rules/stale-use.ts'
import { conditionsFor, hasValidator } from './rules/validation.ts'
import { Validation } from './validation.ts'
import { judgeResponse, lifetimeOf, type Verdict } from './verdict.ts'
import type { Visit } from './visit.ts'

/** Judges one response as it goes out, and makes of it what is stored. */
export class Fill<Req> implements RecorderObserver {
  readonly #visit: Visit<Req>
  readonly #task: FillTask
  readonly #startedMs: number
  readonly #conditions: RequestConditions
  readonly #fieldsBefore: Fields
  readonly #before: Before
  readonly #validation: Validation<Req> | undefined
  #promised: Promised | undefined
  #isLastingRefusal = false
  #announced: Announced | undefined

  constructor(visit: Visit<Req>, task: FillTask) {
    const { stale } = task
    this.#visit = visit
    this.#task = task
    this.#startedMs = task.clock.now()
    this.#before = task.warnings.before(visit.request)
    const isAsking = stale !== undefined && hasValidator(stale.value.validators)
    const asked = isAsking ? conditionsFor(stale.value.validators) : undefined
    this.#conditions = new RequestConditions(visit.req, asked)
    this.#fieldsBefore = visit.port.fieldsSoFar(visit.context)
    if (stale === undefined) return
    const facts = { stale, startedMs: this.#startedMs, fieldsBefore: this.#fieldsBefore, isAsking }
    this.#validation = new Validation(visit, task, facts)
  }

  replaces(status: number): boolean {
    return this.#validation?.replaces(status) ?? false
  }

  beforeHead(head: ResponseHead, isKeeping: boolean): BodyPlan | Replacement {
    this.#conditions.restore()
    if (isKeeping) {
      const replacement = this.#validation?.judge(head)
      if (replacement !== undefined) return replacement
    }
    return this.#record(head, isKeeping)
  }

  /** Somebody further out has perhaps begun a session for this client. */
  afterHead(head: ResponseHead): boolean {
    const { setCookie } = this.#visit.policy.options
    return setCookie === 'strip' || head.get('set-cookie') === undefined
  }

  /** Those who wait for it are sent it from now on. */
  recording({ body, decouple }: Recording): void {
    const { lives, key, load } = this.#task
    const promised = this.#promised
    if (lives === undefined || promised === undefined) return
    const { initialAgeMs, ttlMs } = promised.verdict.storability
    this.#announced = new Announced({
      body,
      makeHead: () => toHead(promised, initialAgeMs),
      load,
      headMs: promised.headMs,
      ttlMs,
      shared: () => decouple(this.#visit.req),
    })
    lives.announce(key, this.#announced)
  }

  get isFollowed(): boolean {
    return this.#announced?.live?.isFollowed ?? false
  }

  grew(): void {
    this.#announced?.live?.grew()
  }

  trim(longestLag: number): void {
    this.#announced?.live?.trim(longestLag)
  }

  relayed(isWhole: boolean): void {
    if (isWhole) this.#announced?.live?.endedUnkept()
    else this.#announced?.live?.failed()
  }

  failed(error: unknown): Replacement | undefined {
    const replacement = this.#validation?.standIn(error)
    if (replacement !== undefined) this.#conditions.restore()
    return replacement
  }

  recorded(body: Buffer): void {
    this.#withdraw()
    this.#announced?.live?.ended(body)
    const promised = this.#promised as Promised
    const { storability, tags } = promised.verdict
    const sinceHeadMs = Math.max(this.#task.clock.now() - promised.headMs, 0)
    const ttlMs = Math.max(storability.ttlMs - sinceHeadMs, 0)
    if (ttlMs + storability.retentionMs <= 0) {
      this.lost('refused')
      return
    }
    const { load, settle } = this.#task
    load.setOptions(lifetimeOf(storability, ttlMs))
    load.addTags(...tagsOfTarget(requestTarget(this.#visit.req)), ...tags)
    this.#task.rememberVary(storability.vary)
    const { etag } = this.#visit.policy.options
    settle(toStored(promised, body, storability.initialAgeMs + sinceHeadMs, etag))
  }

  lost(cause: LossCause): void {
    this.#conditions.restore()
    this.#withdraw()
    // What has only become too large goes on to those who follow.
    if (cause !== 'too-large') this.#announced?.live?.failed()
    if (this.#validation?.isSettled) return
    const { isDetached, load, settle, fail, rememberUnstorable } = this.#task
    if (isDetached) {
      fail(new Error(`Nothing to keep has come of a background request (${cause})`))
      return
    }
    // Of what may be otherwise next time, the next request had better be the only one to find out.
    if (this.#isLastingRefusal || cause === 'too-large' || cause === 'taken-over') {
      rememberUnstorable()
    }
    load.skip()
    settle(cause === 'aborted' ? ABANDONED : REFUSED)
  }

  #withdraw(): void {
    const { lives, key } = this.#task
    if (this.#announced !== undefined) lives?.withdraw(key, this.#announced)
  }

  #record(head: ResponseHead, isKeeping: boolean): BodyPlan {
    const { res, scope, req, passedOver } = this.#visit
    const nowMs = this.#task.clock.now()
    const givenTags = takeTags(res, head)
    const isVain = this.#task.isDetached && isFailure(head.status)
    const isJudged = isKeeping && req.method !== 'HEAD' && !isVain
    const verdict = isJudged ? this.#judge(head, givenTags, nowMs) : undefined
    if (scope !== undefined) markPrivate(res, head)
    if (verdict?.kind === 'keep') {
      const weakened = weakenSharedEtag(head, passedOver, this.#task.stale?.value)
      if (weakened !== undefined) res.setHeader('ETag', weakened)
      this.#promised = this.#promise(head, verdict, nowMs)
      this.#warn()
      tellClients(res, verdict.clientControl)
    }
    this.#addCacheStatus(verdict)
    return { keep: verdict?.kind === 'keep', send: !this.#turnInto304(head, nowMs) }
  }

  #judge(head: ResponseHead, givenTags: readonly string[], nowMs: number): Verdict {
    const { primaryKey, variants, stale, dropStale, warnings } = this.#task
    const delayMs = Math.max(nowMs - this.#startedMs, 0)
    const trial = { primaryKey, givenTags, variants, delayMs, nowMs }
    const verdict = judgeResponse(this.#visit, head, trial)
    if (verdict.kind === 'keep') return verdict
    warnings.refusing(primaryKey, head.status, head.get('location'))
    this.#isLastingRefusal = verdict.isLasting
    const isGone = verdict.isOfAll && saysOfAll(head.status, this.#task.isDetached)
    if (stale !== undefined && isGone) dropStale()
    return verdict
  }

  #promise(head: ResponseHead, verdict: Promised['verdict'], nowMs: number): Promised {
    const { fieldsNotKept } = verdict.storability
    return {
      verdict,
      status: head.status,
      statusMessage: head.statusMessage,
      fields: fieldsToKeep(head, fieldsNotKept, this.#fieldsBefore, nowMs),
      headMs: nowMs,
      declaredLength: head.get('content-length'),
    }
  }

  /** Of what is about to be shared by all. */
  #warn(): void {
    const { scope, request, headers } = this.#visit
    const { warnings, primaryKey } = this.#task
    if (scope === undefined) warnings.keeping(primaryKey, request, headers, this.#before)
  }

  #addCacheStatus(verdict: Verdict | undefined): void {
    const name = this.#visit.policy.options.cacheStatus?.name
    if (name === undefined) return
    const outcome =
      verdict?.kind === 'keep' ? { ttlMs: verdict.storability.ttlMs } : { detail: verdict?.because }
    addCacheStatus(this.#visit, formatForward(name, this.#task.reason, outcome))
  }

  /** Answers the conditions that were taken off the request. */
  #turnInto304(head: ResponseHead, nowMs: number): boolean {
    const { res } = this.#visit
    const { own } = this.#conditions
    if (head.status !== 200 || !isConditional(own)) return false
    const etag = head.get('etag')
    const validators = { etag, lastModified: head.get('last-modified'), date: undefined }
    if (!isNotModified(own, validators, nowMs)) return false
    for (const name of res.getHeaderNames()) {
      if (isLeftOutOf304(name, etag !== undefined)) res.removeHeader(name)
    }
    res.statusCode = 304
    setStatusMessage(res, '')
    return true
  }
}

/** Whether a status is said to everyone. Who comes without credentials is told other things as well. */
function saysOfAll(status: number, isDetached: boolean): boolean {
  return isDetached ? status < 300 || status === 404 || status === 410 : status < 500
}

/** Gives the client another Cache-Control than the cache has been given. */
function tellClients(res: ServerResponse, control: string | undefined): void {
  if (control === undefined) return
  res.removeHeader('Expires')
  res.removeHeader('Pragma')
  res.setHeader('Cache-Control', control)
}
