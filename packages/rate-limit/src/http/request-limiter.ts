import type { IncomingMessage } from 'node:http'
import { type Random, systemClock, systemRandom } from '@hotpath/core'
import { createLimiter } from '../create-rate-limiter.ts'
import type { RateLimitDecision } from '../decision.ts'
import { isSlot } from '../lease-id.ts'
import type { Limiter } from '../limiter.ts'
import type { RateLimiter } from '../limiter-types.ts'
import type { PolicyStatus } from '../policy-status.ts'
import { after } from './after.ts'
import { clientKey } from './client-key.ts'
import { compileList } from './client-list.ts'
import { FieldFormat, type Fields } from './fields.ts'
import { formatRefusal, type Refusal } from './problem.ts'
import {
  type RequestLimitOptions,
  type RequestSettings,
  splitRequestOptions,
} from './request-options.ts'

/** What is to become of one request. */
export interface CheckedRequest {
  readonly decision: RateLimitDecision
  /** To be put on the response. */
  readonly fields: Fields
  /** To be sent instead of going on. */
  readonly refusal: Refusal | undefined
  /** Whether `settle` has anything to do. */
  readonly needsSettling: boolean
  /** To be called when the response has ended, whichever way. Never throws. */
  settle(statusCode: number, isComplete: boolean): void
}

type MaybeLater = CheckedRequest | undefined | Promise<CheckedRequest | undefined>

/** The rate limits of an app or a route, without any framework. */
export interface RequestLimiter<Req = unknown> {
  readonly limiter: RateLimiter<Req>
  /**
   * `undefined`: the request is let through, uncounted. At once where nothing has to be waited for;
   * throws, or rejects with, what an option's function does.
   */
  check(request: Req, raw: IncomingMessage): MaybeLater
  close(): Promise<void>
}

/** Makes rate limits for requests; wrong options throw `ERR_OPTION_INVALID`. */
export function createRequestLimiter<Req>(
  options: RequestLimitOptions<Req>,
  entryPoint = 'createRequestLimiter',
): RequestLimiter<Req> {
  return new RequestChecks(options, entryPoint)
}

const DENIED: RateLimitDecision = {
  allowed: false,
  isRefusal: true,
  reason: 'denied',
  policies: [],
  retryAfterMs: undefined,
  decidedBy: 'none',
  lease: undefined,
}

type Listed<Req> = (request: Req, key: string) => boolean | Promise<boolean>

class RequestChecks<Req> implements RequestLimiter<Req> {
  readonly limiter: Limiter<Req>
  readonly #settings: RequestSettings<Req>
  readonly #addressOf: (raw: IncomingMessage) => string
  readonly #isAllowed: Listed<Req>
  readonly #isDenied: Listed<Req>
  readonly #format: FieldFormat
  readonly #clock: { now(): number }
  readonly #random: Random

  constructor(options: RequestLimitOptions<Req>, entryPoint: string) {
    const { settings, client, limiter } = splitRequestOptions(entryPoint, options)
    this.#settings = settings
    this.#addressOf = clientKey(client)
    this.#isAllowed = compileList(settings.allowList, 'allowList')
    this.#isDenied = compileList(settings.denyList, 'denyList')
    this.#format = new FieldFormat(settings.fields, settings.legacyHeaders)
    this.#clock = limiter.clock ?? systemClock
    this.#random = limiter.random ?? systemRandom
    // Last: what throws before it leaves no connection open.
    this.limiter = createLimiter(limiter, entryPoint)
  }

  check(request: Req, raw: IncomingMessage): MaybeLater {
    const { skip } = this.#settings
    if (skip === undefined) return this.#checkClient(request, raw)
    return after(skip(request), (isSkipped) =>
      isSkipped ? undefined : this.#checkClient(request, raw),
    )
  }

  close(): Promise<void> {
    return this.limiter.close()
  }

  #checkClient(request: Req, raw: IncomingMessage): MaybeLater {
    const { key } = this.#settings
    if (key === undefined) return this.#checkLists(request, this.#addressOf(raw))
    return after(key(request), (found) => this.#checkLists(request, found))
  }

  #checkLists(request: Req, key: string): MaybeLater {
    return after(this.#isAllowed(request, key), (isAllowed) => {
      if (isAllowed) return undefined
      return after(this.#isDenied(request, key), (isDenied) =>
        isDenied ? this.#tell(DENIED) : this.#take(request, key),
      )
    })
  }

  #take(request: Req, key: string): MaybeLater {
    return after(this.limiter.take(key, { request }), (decision) => this.#tell(decision))
  }

  #tell(decision: RateLimitDecision): CheckedRequest {
    const { allowed, lease } = decision
    const { skipFailedRequests, skipSuccessfulRequests } = this.#settings
    const mayRefund = skipFailedRequests || skipSuccessfulRequests
    return {
      decision,
      fields: this.#fieldsOf(decision),
      refusal: allowed ? undefined : formatRefusal(decision),
      needsSettling: lease !== undefined && (mayRefund || lease.charges.some(isSlot)),
      settle: (statusCode, isComplete) => {
        if (lease === undefined) return
        const isFailure = statusCode >= 400 || !isComplete
        const isFree = isFailure ? skipFailedRequests : skipSuccessfulRequests
        const settled = isFree ? this.limiter.refund(lease) : this.limiter.release(lease)
        settled.catch(() => {})
      },
    }
  }

  #fieldsOf({ allowed, reason, policies, retryAfterMs }: RateLimitDecision): Fields {
    const told =
      reason === 'banned' ? policies.map((one) => nothingOf(one, retryAfterMs)) : policies
    const fields = this.#format.format(told, this.#settings.legacyHeaders ? this.#clock.now() : 0)
    if (allowed || retryAfterMs === undefined) return fields
    const delayMs = retryAfterMs + this.#settings.retryAfterJitter * this.#random.next()
    return { ...fields, 'Retry-After': String(Math.ceil(delayMs / 1000)) }
  }
}

/** Who is banned has a quota and nothing of it. */
function nothingOf(policy: PolicyStatus, forMs = 0): PolicyStatus {
  return { ...policy, remaining: 0, resetMs: Math.max(policy.resetMs, forMs) }
}
