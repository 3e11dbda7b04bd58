import type { Clock, LoadContext } from '@hotpath/core'
import { areTagsUsable, takeTags } from './cache-tags.ts'
import { type ForwardReason, formatForward } from './fields/cache-status.ts'
import { isHopByHop } from './fields/hop-by-hop.ts'
import { formatHttpDate } from './fields/http-date.ts'
import type { Fields } from './framework-port.ts'
import { tagsOfTarget } from './keys/purge-tags.ts'
import { requestTarget } from './keys/request-target.ts'
import { addCacheStatus, markPrivate } from './pass.ts'
import { type FieldValue, type ResponseHead, setStatusMessage } from './recording/response-head.ts'
import type { BodyPlan, LossCause, RecorderObserver } from './recording/response-recorder.ts'
import { isConditional, isLeftOutOf304, isNotModified } from './rules/precondition.ts'
import { selectVariant } from './rules/selection.ts'
import { decideStorability, type Refusal, type Storability } from './rules/storability.ts'
import { StoredResponse } from './storing/stored-response.ts'
import type { VariantLimit } from './storing/variant-limit.ts'
import { type Conditions, takeConditions, type Visit } from './visit.ts'

/** What comes of running the handler, for all who wait. */
export type Outcome =
  | StoredResponse
  /** The response was for the one who asked; the others ask for themselves. */
  | { readonly kind: 'refused' }
  /** The one who asked has gone and nothing came of it; somebody else may ask again. */
  | { readonly kind: 'abandoned' }

const REFUSED: Outcome = { kind: 'refused' }
const ABANDONED: Outcome = { kind: 'abandoned' }

/** What a fill works with. */
export interface FillTools {
  readonly clock: Clock
  readonly variants: VariantLimit
  /** Told of keys that need not be waited for. */
  rememberUnstorable(): void
}

/** A response that will be kept if it comes to its end. */
interface Promised {
  readonly storability: Storability & { kind: 'store' }
  readonly status: number
  readonly statusMessage: string
  readonly selection: string
  readonly fields: (readonly [name: string, value: FieldValue])[]
  readonly tags: readonly string[]
  readonly headMs: number
}

type Because = Refusal | 'should-store' | 'tags' | 'variants'

/** Judges one response as it goes out, and makes of it what is stored. */
export class Fill<Req> implements RecorderObserver {
  readonly #visit: Visit<Req>
  readonly #primaryKey: string
  readonly #reason: ForwardReason
  readonly #load: LoadContext<Outcome>
  readonly #tools: FillTools
  readonly #settle: (outcome: Outcome) => void
  readonly #startedMs: number
  readonly #conditions: Conditions
  readonly #fieldsBefore: Fields
  #promised: Promised | undefined
  #isFailure = false

  constructor(
    visit: Visit<Req>,
    { primaryKey, reason }: { primaryKey: string; reason: ForwardReason },
    load: LoadContext<Outcome>,
    tools: FillTools,
    settle: (outcome: Outcome) => void,
  ) {
    this.#visit = visit
    this.#primaryKey = primaryKey
    this.#reason = reason
    this.#load = load
    this.#tools = tools
    this.#settle = settle
    this.#startedMs = tools.clock.now()
    this.#conditions = takeConditions(visit.req)
    this.#fieldsBefore = visit.port.fieldsSoFar(visit.context)
  }

  beforeHead(head: ResponseHead, isKeeping: boolean): BodyPlan {
    const { res, scope } = this.#visit
    this.#isFailure = head.status >= 500
    const tags = takeTags(res, head)
    if (scope !== undefined) markPrivate(res, head)
    const because = isKeeping ? this.#promise(head, tags) : undefined
    this.#addCacheStatus(because)
    const send = !this.#turnInto304(head)
    return { keep: this.#promised !== undefined, send }
  }

  /** Somebody further out has perhaps begun a session for this client. */
  afterHead(head: ResponseHead): boolean {
    const { setCookie } = this.#visit.policy.options
    return setCookie === 'strip' || head.get('set-cookie') === undefined
  }

  recorded(body: Buffer): void {
    const promised = this.#promised as Promised
    const nowMs = this.#tools.clock.now()
    const sinceHeadMs = Math.max(nowMs - promised.headMs, 0)
    const ttlMs = promised.storability.ttlMs - sinceHeadMs
    if (ttlMs <= 0) {
      this.lost('refused')
      return
    }
    this.#load.setTtl(ttlMs)
    this.#load.addTags(...promised.tags)
    this.#settle(this.#store(promised, body, sinceHeadMs))
  }

  lost(cause: LossCause): void {
    this.#load.skip()
    // A failure may be over with the next request, which had better be the only one to find out.
    if (cause !== 'aborted' && !this.#isFailure) this.#tools.rememberUnstorable()
    this.#settle(cause === 'aborted' ? ABANDONED : REFUSED)
  }

  /** Promises to keep a response, or says why not. */
  #promise(head: ResponseHead, givenTags: readonly string[]): Because | undefined {
    const { policy, credentials, scope, request, req, headers } = this.#visit
    const nowMs = this.#tools.clock.now()
    const delayMs = Math.max(nowMs - this.#startedMs, 0)
    const isPartitioned = scope !== undefined
    const situation = { credentials, isPartitioned, delayMs, nowMs }
    const storability = decideStorability(head, policy.storage, situation)
    if (storability.kind === 'refuse') return storability.because
    if (policy.options.shouldStore?.(request, head) === false) return 'should-store'
    const own = policy.options.tags ?? []
    const tags = [...givenTags, ...(typeof own === 'function' ? own(request, head) : own)]
    if (!areTagsUsable(tags)) return 'tags'
    const selection = selectVariant(storability.vary, headers)
    if (!this.#admitVariant(storability, selection, nowMs)) return 'variants'
    this.#promised = {
      storability,
      status: head.status,
      statusMessage: head.statusMessage,
      selection,
      fields: this.#fieldsToKeep(head, storability.fieldsNotKept, nowMs),
      tags: [...tagsOfTarget(requestTarget(req)), ...tags],
      headMs: nowMs,
    }
    return undefined
  }

  #admitVariant(
    { vary, ttlMs }: Promised['storability'],
    selection: string,
    nowMs: number,
  ): boolean {
    if (vary.length === 0) return true
    return this.#tools.variants.admit(this.#primaryKey, selection, nowMs, nowMs + ttlMs)
  }

  #fieldsToKeep(head: ResponseHead, notKept: readonly string[], nowMs: number): Promised['fields'] {
    const connection = head.get('connection')
    const fields: Promised['fields'] = []
    for (const [name, value] of head.fields()) {
      const lower = name.toLowerCase()
      if (NEVER_KEPT.has(lower) || notKept.includes(lower) || isHopByHop(lower, connection))
        continue
      if (isSame(value, this.#fieldsBefore[lower])) continue
      fields.push([name, value])
    }
    if (head.get('date') === undefined) fields.push(['Date', formatHttpDate(nowMs)])
    return fields
  }

  #store(promised: Promised, body: Buffer, sinceHeadMs: number): StoredResponse {
    const { storability, status, statusMessage, selection, fields } = promised
    if (status !== 204) fields.push(['Content-Length', String(body.length)])
    const { initialAgeMs, audience, vary } = storability
    const parts = {
      status,
      statusMessage,
      fields,
      initialAgeMs: initialAgeMs + sinceHeadMs,
      audience,
      vary,
      selection,
    }
    return new StoredResponse(parts, body)
  }

  #addCacheStatus(because: Because | undefined): void {
    const { res, policy } = this.#visit
    const name = policy.options.cacheStatus
    if (name === undefined) return
    const ttlMs = this.#promised?.storability.ttlMs
    const outcome = ttlMs === undefined ? { detail: because } : { ttlMs }
    addCacheStatus(res, formatForward(name, this.#reason, outcome))
  }

  /** Answers the conditions that were taken off the request. */
  #turnInto304(head: ResponseHead): boolean {
    const { res } = this.#visit
    if (head.status !== 200 || !isConditional(this.#conditions)) return false
    const etag = head.get('etag')
    const lastModified = head.get('last-modified')
    const validators = { etag, lastModified, date: undefined }
    if (!isNotModified(this.#conditions, validators, this.#tools.clock.now())) return false
    for (const name of res.getHeaderNames()) {
      if (isLeftOutOf304(name, etag !== undefined)) res.removeHeader(name)
    }
    res.statusCode = 304
    setStatusMessage(res, '')
    return true
  }
}

const NEVER_KEPT: ReadonlySet<string> = new Set(['age', 'content-length', 'set-cookie'])

function isSame(value: FieldValue, before: Fields[string]): boolean {
  return before !== undefined && String(value) === String(before)
}
