import type { Duration } from '@hotpath/core'
import type { RateLimitDecision, RateLimitLease } from './decision.ts'

/** What one call may say. */
export interface ConsumeOptions<Req> {
  /** Units. @defaultValue 1 */
  cost?: number | undefined
  /** What the policies' functions are given. */
  request?: Req | undefined
}

/** What happened, for metrics. Never with a client's key. */
export interface RateLimiterEvents {
  /** Each decision by `consume`. */
  decision: Pick<RateLimitDecision, 'allowed' | 'isRefusal' | 'reason' | 'decidedBy'> & {
    /** The policies that refused. */
    readonly exceeded: readonly string[]
    readonly mode: 'enforce' | 'shadow'
  }
  /** Redis could not be asked. */
  'store-error': { readonly error: unknown }
}

/** How often what was decided. */
export interface RateLimiterStats {
  readonly allowed: number
  readonly refused: number
  /** In shadow mode: what would have been refused. Also counted as allowed. */
  readonly shadowRefused: number
  /** Refused without asking Redis. */
  readonly refusedByBlockCache: number
  readonly storeErrors: number
  /** Processes that share the limits, as last heard. */
  readonly instances: number
}

/** Decides who may go on. Made by `createRateLimiter`. */
export interface RateLimiter<Req = unknown> {
  /** Judges all policies and charges all, or none if one refuses. Never rejects because of Redis. */
  consume(key: string, options?: ConsumeOptions<Req>): Promise<RateLimitDecision>
  /** The same without charging. */
  peek(key: string, options?: ConsumeOptions<Req>): Promise<RateLimitDecision>
  /** Charges `cost` in any case, even over the limit; concurrency slots are left alone. */
  penalty(key: string, cost: number, options?: ConsumeOptions<Req>): Promise<RateLimitDecision>
  /** Gives back what is left of a lease's charges, once, in the windows where they were made. */
  refund(lease: RateLimitLease): Promise<void>
  /** Gives back a lease's concurrency slots and keeps its charges. */
  release(lease: RateLimitLease): Promise<void>
  /** Refuses the client for that long. */
  block(key: string, duration: Duration): Promise<void>
  /** Forgets the client's charges, refusals and bans. */
  reset(key: string, options?: ConsumeOptions<Req>): Promise<void>
  stats(): RateLimiterStats
  on<E extends keyof RateLimiterEvents>(
    event: E,
    listener: (detail: RateLimiterEvents[E]) => void,
  ): () => void
  /** Lets go of timers, and of Redis if it opened it. */
  close(): Promise<void>
}
