export type { AlgorithmName } from './algorithms/algorithm.ts'
export { createRateLimiter } from './create-rate-limiter.ts'
export type { PolicyStatus, RateLimitDecision, RateLimitLease } from './decision.ts'
export type {
  ConsumeOptions,
  RateLimiter,
  RateLimiterEvents,
  RateLimiterStats,
} from './limiter-types.ts'
export type { BanOptions, PolicyOptions, RateLimiterOptions } from './options.ts'
