import type { IncomingMessage } from 'node:http'
import { type Clock, type Random, systemClock, systemRandom } from '@hotpath/core'
import { createRateLimiter } from '../create-rate-limiter.ts'
import type { RateLimitDecision } from '../decision.ts'
import type { RateLimiter } from '../limiter-types.ts'
import type { PolicyStatus } from '../policy-status.ts'
import { clientKey } from './client-key.ts'
import { compileList } from './client-list.ts'
import { type Fields, formatFields } from './fields.ts'
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
  /** To be called when the response has ended, whichever way. Never throws. */
  settle(statusCode: number, isComplete: boolean): void
}

/** The rate limits of an app or a route, without any framework. */
export interface RequestLimiter<Req = unknown> {
  readonly limiter: RateLimiter<Req>
  /** `undefined`: the request is let through, uncounted. Rejects with what an option's function throws. */
  check(request: Req, raw: IncomingMessage): Promise<CheckedRequest | undefined>
  close(): Promise<void>
}

/** Makes rate limits for requests; wrong options throw `ERR_OPTION_INVALID`. */
export function createRequestLimiter<Req>(
  options: RequestLimitOptions<Req>,
  entryPoint = 'createRequestLimiter',
): RequestLimiter<Req> {
  const { settings, client, limiter: own } = splitRequestOptions(entryPoint, options)
  const addressOf = clientKey(client)
  const { clock = systemClock, random = systemRandom } = own
  const isAllowed = compileList(settings.allowList, 'allowList')
  const isDenied = compileList(settings.denyList, 'denyList')
  // Last: what throws before it leaves no connection open.
  const limiter = createRateLimiter<Req>(own, entryPoint)
  return {
    limiter,
    async check(request, raw) {
      if (settings.skip !== undefined && (await settings.skip(request))) return undefined
      const key = settings.key === undefined ? addressOf(raw) : await settings.key(request)
      if (await isAllowed(request, key)) return undefined
      const decision = (await isDenied(request, key))
        ? DENIED
        : await limiter.consume(key, { request })
      return form(limiter, settings, decision, clock, random)
    },
    close: () => limiter.close(),
  }
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

function form<Req>(
  limiter: RateLimiter<Req>,
  settings: RequestSettings<Req>,
  decision: RateLimitDecision,
  clock: Clock,
  random: Random,
): CheckedRequest {
  const { allowed, reason, policies, retryAfterMs, lease } = decision
  const told = reason === 'banned' ? policies.map((one) => nothingOf(one, retryAfterMs)) : policies
  const limits = formatFields(settings.fields, settings.legacyHeaders, told, clock.now())
  const isWorthRetrying = !allowed && retryAfterMs !== undefined
  const delayMs = (retryAfterMs ?? 0) + settings.retryAfterJitter * random.next()
  const retry = isWorthRetrying ? { 'Retry-After': String(Math.ceil(delayMs / 1000)) } : {}
  return {
    decision,
    fields: { ...limits, ...retry },
    refusal: allowed ? undefined : formatRefusal(decision),
    settle(statusCode, isComplete) {
      if (lease === undefined) return
      const isFailure = statusCode >= 400 || !isComplete
      const isFree = isFailure ? settings.skipFailedRequests : settings.skipSuccessfulRequests
      const settled = isFree ? limiter.refund(lease) : limiter.release(lease)
      settled.catch(() => {})
    },
  }
}

/** Who is banned has a quota and nothing of it. */
function nothingOf(policy: PolicyStatus, forMs = 0): PolicyStatus {
  return { ...policy, remaining: 0, resetMs: Math.max(policy.resetMs, forMs) }
}
