import type { Clock, LoadContext } from '@hotpath/core'
import { takeTags } from './cache-tags.ts'
import { type ForwardReason, formatForward } from './fields/cache-status.ts'
import type { Fields } from './framework-port.ts'
import { tagsOfTarget } from './keys/purge-tags.ts'
import { requestTarget } from './keys/request-target.ts'
import { addCacheStatus, markPrivate } from './pass.ts'
import { type Field, fieldsToKeep } from './recording/fields-to-keep.ts'
import { type ResponseHead, setStatusMessage } from './recording/response-head.ts'
import type { BodyPlan, LossCause, RecorderObserver } from './recording/response-recorder.ts'
import { isConditional, isLeftOutOf304, isNotModified } from './rules/precondition.ts'
import { StoredResponse } from './storing/stored-response.ts'
import type { VariantLimit } from './storing/variant-limit.ts'
import { judgeResponse, type Verdict } from './verdict.ts'
import { type Conditions, takeConditions, type Visit } from './visit.ts'

/** What comes of running the handler, for all who wait. */
export type Outcome =
  | StoredResponse
  /** The response was for the one who asked; the others ask for themselves. */
  | { readonly kind: 'refused' }
  /** The one who asked has gone and nothing came of it; somebody else may ask again. */
  | { readonly kind: 'abandoned' }

const REFUSED: Outcome = { kind: 'refused' }
/** Nobody is left whose request it was. */
export const ABANDONED: Outcome = { kind: 'abandoned' }

/** What a fill is for. */
export interface FillTask {
  readonly primaryKey: string
  readonly reason: ForwardReason
  readonly load: LoadContext<Outcome>
  readonly clock: Clock
  readonly variants: VariantLimit
  /** Told that the key need not be waited for. */
  rememberUnstorable(): void
  settle(outcome: Outcome): void
}

/** A response that will be kept if it comes to its end. */
interface Promised {
  readonly verdict: Verdict & { kind: 'keep' }
  readonly status: number
  readonly statusMessage: string
  readonly fields: Field[]
  readonly headMs: number
}

/** Judges one response as it goes out, and makes of it what is stored. */
export class Fill<Req> implements RecorderObserver {
  readonly #visit: Visit<Req>
  readonly #task: FillTask
  readonly #startedMs: number
  readonly #conditions: Conditions
  readonly #fieldsBefore: Fields
  #promised: Promised | undefined
  #isLastingRefusal = false

  constructor(visit: Visit<Req>, task: FillTask) {
    this.#visit = visit
    this.#task = task
    this.#startedMs = task.clock.now()
    this.#conditions = takeConditions(visit.req)
    this.#fieldsBefore = visit.port.fieldsSoFar(visit.context)
  }

  beforeHead(head: ResponseHead, isKeeping: boolean): BodyPlan {
    const { res, scope } = this.#visit
    const nowMs = this.#task.clock.now()
    const givenTags = takeTags(res, head)
    const verdict = isKeeping ? this.#judge(head, givenTags, nowMs) : undefined
    if (scope !== undefined) markPrivate(res, head)
    if (verdict?.kind === 'keep') this.#promised = this.#promise(head, verdict, nowMs)
    this.#addCacheStatus(verdict)
    return { keep: verdict?.kind === 'keep', send: !this.#turnInto304(head, nowMs) }
  }

  /** Somebody further out has perhaps begun a session for this client. */
  afterHead(head: ResponseHead): boolean {
    const { setCookie } = this.#visit.policy.options
    return setCookie === 'strip' || head.get('set-cookie') === undefined
  }

  recorded(body: Buffer): void {
    const promised = this.#promised as Promised
    const { storability, tags } = promised.verdict
    const sinceHeadMs = Math.max(this.#task.clock.now() - promised.headMs, 0)
    const ttlMs = storability.ttlMs - sinceHeadMs
    if (ttlMs <= 0) {
      this.lost('refused')
      return
    }
    const { load, settle } = this.#task
    load.setTtl(ttlMs)
    load.addTags(...tagsOfTarget(requestTarget(this.#visit.req)), ...tags)
    settle(toStored(promised, body, storability.initialAgeMs + sinceHeadMs))
  }

  lost(cause: LossCause): void {
    // Of what may be otherwise next time, the next request had better be the only one to find out.
    if (this.#isLastingRefusal || cause === 'too-large' || cause === 'taken-over') {
      this.#task.rememberUnstorable()
    }
    this.#task.load.skip()
    this.#task.settle(cause === 'aborted' ? ABANDONED : REFUSED)
  }

  #judge(head: ResponseHead, givenTags: readonly string[], nowMs: number): Verdict {
    const { primaryKey, variants } = this.#task
    const delayMs = Math.max(nowMs - this.#startedMs, 0)
    const trial = { primaryKey, givenTags, variants, delayMs, nowMs }
    const verdict = judgeResponse(this.#visit, head, trial)
    this.#isLastingRefusal = verdict.kind === 'refuse' && verdict.isLasting
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
    }
  }

  #addCacheStatus(verdict: Verdict | undefined): void {
    const { res, policy } = this.#visit
    const name = policy.options.cacheStatus
    if (name === undefined) return
    const outcome =
      verdict?.kind === 'keep' ? { ttlMs: verdict.storability.ttlMs } : { detail: verdict?.because }
    addCacheStatus(res, formatForward(name, this.#task.reason, outcome))
  }

  /** Answers the conditions that were taken off the request. */
  #turnInto304(head: ResponseHead, nowMs: number): boolean {
    const { res } = this.#visit
    if (head.status !== 200 || !isConditional(this.#conditions)) return false
    const etag = head.get('etag')
    const validators = { etag, lastModified: head.get('last-modified'), date: undefined }
    if (!isNotModified(this.#conditions, validators, nowMs)) return false
    for (const name of res.getHeaderNames()) {
      if (isLeftOutOf304(name, etag !== undefined)) res.removeHeader(name)
    }
    res.statusCode = 304
    setStatusMessage(res, '')
    return true
  }
}

function toStored(promised: Promised, body: Buffer, initialAgeMs: number): StoredResponse {
  const { verdict, status, statusMessage, fields } = promised
  const { audience, vary } = verdict.storability
  const length: Field[] = status === 204 ? [] : [['Content-Length', String(body.length)]]
  const { selection } = verdict
  return new StoredResponse(
    {
      status,
      statusMessage,
      fields: [...fields, ...length],
      initialAgeMs,
      audience,
      vary,
      selection,
    },
    body,
  )
}
