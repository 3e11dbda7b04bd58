import type { CacheEntry } from '@hotpath/core'
import { answer, type Stored } from './answer.ts'
import { takeTags } from './cache-tags.ts'
import type { Asked } from './fields/cache-status.ts'
import { type FillTask, REFUSED } from './fill-task.ts'
import type { Fields } from './framework-port.ts'
import { tagsOfTarget } from './keys/purge-tags.ts'
import { requestTarget } from './keys/request-target.ts'
import { type Field, isSameField } from './recording/fields-to-keep.ts'
import type { Replacement } from './recording/recorder-observer.ts'
import { type ResponseHead, resetFields } from './recording/response-head.ts'
import { freshenedHead, freshenFields } from './rules/freshening.ts'
import { isSameRepresentation } from './rules/head-update.ts'
import { makePrivate } from './rules/private-control.ts'
import { isFailure, mayStandIn } from './rules/stale-use.ts'
import { decideValidation } from './rules/validation.ts'
import { type ResponseParts, StoredResponse } from './storing/stored-response.ts'
import { judgeResponse, lifetimeOf, type Verdict } from './verdict.ts'
import type { Visit } from './visit.ts'

/** What a validation starts from. */
export interface ValidationFacts {
  readonly stale: CacheEntry<StoredResponse>
  /** The handler has been given the validators of what is stored. */
  readonly isAsking: boolean
  readonly startedMs: number
  readonly fieldsBefore: Fields
}

/** A stored response with the fields of an update. */
interface Freshened {
  readonly fields: readonly Field[]
  readonly verdict: Verdict
}

/**
 * What becomes of a stored response that is no longer fresh when its handler answers: a 304 freshens
 * it and it goes out in full, a failure may let it stand in, the answer to a HEAD may update it
 * (RFC 9111 sections 4.2.4, 4.3.4, 4.3.5).
 */
export class Validation<Req> {
  readonly #visit: Visit<Req>
  readonly #task: FillTask
  readonly #facts: ValidationFacts
  #isSettled = false

  constructor(visit: Visit<Req>, task: FillTask, facts: ValidationFacts) {
    this.#visit = visit
    this.#task = task
    this.#facts = facts
  }

  /** Whether the load has its outcome. */
  get isSettled(): boolean {
    return this.#isSettled
  }

  /** Whether a response of this status is not for the client. */
  replaces(status: number): boolean {
    return isFailure(status) ? this.#canStandIn() : status === 304 && this.#facts.isAsking
  }

  /** What goes out in place of a response with this head; `undefined` when it goes out itself. */
  judge(head: ResponseHead): Replacement | undefined {
    const { status } = head
    if (isFailure(status)) return this.standIn(undefined, status)
    if (status === 304 && this.#facts.isAsking) return this.#confirm(head)
    if (this.#visit.req.method === 'HEAD') this.#updateByHead(head)
    return undefined
  }

  /** What is stored, if it may be served because the handler failed (RFC 5861 section 4). */
  standIn(error: unknown, status?: number): Replacement | undefined {
    if (!this.#canStandIn()) return undefined
    this.#isSettled = true
    this.#task.fail(
      error ?? new Error(`The handler ${status ? `answered ${status}` : 'broke off'}`),
    )
    return this.#send(this.#facts.stale, status, 'stale-if-error')
  }

  #canStandIn(): boolean {
    const { stale } = this.#facts
    const { windows } = stale.value.parts
    const staleMs = this.#task.clock.now() - stale.freshUntilMs
    // Who asks for a newer one does not want this.
    return this.#task.reason !== 'request' && mayStandIn({ windows, staleMs })
  }

  /** The handler says that what is stored still holds. */
  #confirm(head: ResponseHead): Replacement {
    const { stale } = this.#facts
    const nowMs = this.#task.clock.now()
    if (decideValidation(head, stale.value.validators) === 'mismatch') {
      this.#refuse()
      return this.#send(stale, 304, undefined)
    }
    const freshened = this.#freshen(head, nowMs)
    const entry = this.#store(freshened, nowMs)
    const outcome = freshened.verdict.kind === 'keep' ? 'stored' : undefined
    return this.#send(entry, 304, outcome, head)
  }

  #updateByHead(head: ResponseHead): void {
    const { value } = this.#facts.stale
    const stored = { ...value.validators, bodyBytes: value.body.length }
    if (!isSameRepresentation(head, stored)) return
    const nowMs = this.#task.clock.now()
    const freshened = this.#freshen(head, nowMs)
    if (freshened.verdict.kind === 'keep') this.#store(freshened, nowMs)
  }

  #freshen(head: ResponseHead, nowMs: number): Freshened {
    const { stale, fieldsBefore, startedMs } = this.#facts
    const { parts } = stale.value
    const { primaryKey, variants } = this.#task
    const target = tagsOfTarget(requestTarget(this.#visit.req))
    const kept = stale.tags.filter((tag) => !target.includes(tag))
    const givenTags = [...takeTags(this.#visit.res, head), ...kept]
    const fields = freshenFields(parts.fields, {
      fields: head.fields(),
      connection: head.get('connection'),
      isForeign: (name, value) => isSameField(value, fieldsBefore[name]),
      nowMs,
    })
    const merged = freshenedHead(parts.status, fields, head.get('age'))
    const delayMs = Math.max(nowMs - startedMs, 0)
    const trial = { primaryKey, givenTags, variants, delayMs, nowMs }
    const verdict = judgeResponse(this.#visit, merged, trial)
    return { fields: this.#visit.scope === undefined ? fields : markedPrivate(fields), verdict }
  }

  /** Stores what has been freshened if it may be; gives what there is to answer with. */
  #store({ fields, verdict }: Freshened, nowMs: number): Stored {
    const { value } = this.#facts.stale
    if (verdict.kind === 'refuse') {
      this.#refuse()
      const response = new StoredResponse({ ...value.parts, fields, initialAgeMs: 0 }, value.body)
      return { value: response, createdAtMs: nowMs, freshUntilMs: nowMs }
    }
    const { storability, selection } = verdict
    const { initialAgeMs, audience, windows, vary, fieldsNotKept, ttlMs } = storability
    const kept = fields.filter(([name]) => !fieldsNotKept.includes(name.toLowerCase()))
    const { clientControl } = verdict
    const changed = {
      fields: kept,
      initialAgeMs,
      audience,
      windows,
      vary,
      selection,
      clientControl,
    }
    const response = new StoredResponse({ ...value.parts, ...changed }, value.body)
    this.#keep(response, verdict, nowMs)
    return { value: response, createdAtMs: nowMs, freshUntilMs: nowMs + ttlMs }
  }

  #keep(response: StoredResponse, verdict: Verdict & { kind: 'keep' }, nowMs: number): void {
    const { ttlMs, retentionMs } = verdict.storability
    const { load, settle } = this.#task
    const leftMs = this.#facts.stale.usableOnErrorUntilMs - nowMs
    // What is asked about each time need not be written each time, unless something has changed.
    const isLongKept = ttlMs === 0 && leftMs * 2 > retentionMs
    if (isLongKept && saysTheSame(this.#facts.stale.value.parts, response.parts)) load.skip()
    load.setOptions(lifetimeOf(verdict.storability, ttlMs))
    load.addTags(...tagsOfTarget(requestTarget(this.#visit.req)), ...verdict.tags)
    this.#isSettled = true
    settle(response)
  }

  #refuse(): void {
    const { load, settle, dropStale } = this.#task
    this.#isSettled = true
    load.skip()
    dropStale()
    settle(REFUSED)
  }

  #send(
    entry: Stored,
    status: number | undefined,
    outcome: Asked['outcome'],
    head?: ResponseHead,
  ): Replacement {
    const { res } = this.#visit
    // It is for this client alone, and goes out to it.
    const cookies = head === undefined ? undefined : res.getHeader('set-cookie')
    const asked = { reason: this.#task.reason, status, outcome }
    return {
      substitute: (sink) => {
        resetFields(res, this.#facts.fieldsBefore)
        if (cookies !== undefined) res.setHeader('Set-Cookie', cookies)
        answer(this.#visit, entry, 'memory', this.#task.clock.now(), { sink, asked })
      },
    }
  }
}

/** Whether two heads differ in nothing but their times. */
function saysTheSame(one: ResponseParts, other: ResponseParts): boolean {
  return textOf(one) === textOf(other)
}

function textOf(parts: ResponseParts): string {
  const fields = parts.fields.filter(([name]) => name.toLowerCase() !== 'date')
  return JSON.stringify({ ...parts, fields, initialAgeMs: 0 })
}

function markedPrivate(fields: readonly Field[]): Field[] {
  const control = fields.filter(([name]) => name.toLowerCase() === 'cache-control')
  const others = fields.filter(([name]) => name.toLowerCase() !== 'cache-control')
  const value = control.length === 0 ? undefined : control.map(([, line]) => line).join(', ')
  return [...others, ['Cache-Control', makePrivate(value)]]
}
