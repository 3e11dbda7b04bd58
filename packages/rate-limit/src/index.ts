export type { AlgorithmName } from './algorithms/algorithm.ts'
export { createRateLimiter } from './create-rate-limiter.ts'
export type { RateLimitDecision, RateLimitLease } from './decision.ts'
export { applyFields, settleOnClose } from './http/apply.ts'
export { type ClientKeyOptions, clientKey, type RequestLike } from './http/client-key.ts'
export { type FieldEdition, type Fields, formatFields } from './http/fields.ts'
export { formatRefusal, type Refusal } from './http/problem.ts'
export {
  type CheckedRequest,
  createRequestLimiter,
  type RequestLimiter,
} from './http/request-limiter.ts'
export type { ClientList, RequestLimitOptions } from './http/request-options.ts'
export type {
  ConsumeOptions,
  RateLimiter,
  RateLimiterEvents,
  RateLimiterStats,
} from './limiter-types.ts'
export type { BanOptions, PolicyOptions, RateLimiterOptions } from './options.ts'
export type { PolicyStatus } from './policy-status.ts'
export { shareRedis } from './redis/open-link.ts'
