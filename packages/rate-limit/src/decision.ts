import type { Charge } from './driver.ts'
import type { PolicyStatus } from './policy-status.ts'

/** What was charged, to be given back by `refund` or, its slots only, by `release`. */
export interface RateLimitLease {
  readonly key: string
  /** @internal */
  readonly charges: readonly Charge[]
  /** @internal */
  readonly isLocal: boolean
}

/** What a limiter says of a request. */
export interface RateLimitDecision {
  /** Whether the request may go on. Always true in shadow mode. */
  readonly allowed: boolean
  /** Whether it would be refused if the mode were `'enforce'`. */
  readonly isRefusal: boolean
  /**
   * Why: `'quota'` when a policy is exceeded, `'banned'` by `ban` or `block`, `'denied'` by a list,
   * `'store'` when Redis is away and `onStoreError` says so; `'ok'` otherwise.
   */
  readonly reason: 'ok' | 'quota' | 'banned' | 'denied' | 'store'
  /** Empty where nothing is known: Redis is away, or nobody asked. */
  readonly policies: readonly PolicyStatus[]
  /** Until it is worth asking again; 0 when allowed, `undefined` when it never is. */
  readonly retryAfterMs: number | undefined
  /** Who decided: the store, this process in its stead, this process from what Redis last said, or nobody. */
  readonly decidedBy: 'redis' | 'memory' | 'local' | 'block-cache' | 'none'
  /** There when something was charged. */
  readonly lease: RateLimitLease | undefined
}
