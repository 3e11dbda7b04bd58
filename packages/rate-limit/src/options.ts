import type { Clock, Duration, Random, RedisInput } from '@hotpath/core'
import type { AlgorithmName } from './algorithms/algorithm.ts'

/**
 * One limit. `Req` is whatever the limiter is asked about; in Express and Fastify their request.
 */
export interface PolicyOptions<Req = unknown> {
  /** What the fields and the decision call it. Unlike any other's of the limiter. @defaultValue `'default'` */
  name?: string | undefined
  /** Units per window, or what gives them for a request. A whole number, 1 or more. */
  limit: number | ((request: Req) => number | Promise<number>)
  /**
   * The window; of `concurrency`, how long a slot is held for a process that has died.
   * @defaultValue `'30s'` for `concurrency`; no default for the others
   */
  window?: Duration | undefined
  /** How units are counted; docs/rate-limits.md compares them. @defaultValue `'sliding-window'` */
  algorithm?: AlgorithmName | undefined
  /** Of `token-bucket` and `gcra`: the most that can be taken at once. @defaultValue `limit`; 1 for `gcra` */
  burst?: number | undefined
  /** Of `sliding-window`: how many sub-buckets a window has. @defaultValue 10 */
  buckets?: number | undefined
  /** Units that a request takes of this policy. @defaultValue the `cost` of the call or the limiter */
  cost?: number | ((request: Req) => number | Promise<number>) | undefined
  /** Whose limit this is, where it is not the limiter's client: per address beside per user. */
  key?: ((request: Req) => string | Promise<string>) | undefined
}

/** Refusals that lead to a ban. */
export interface BanOptions {
  /** How many refusals. */
  after: number
  /** How long the first ban lasts. */
  duration: Duration
  /** By what each further ban is longer. @defaultValue 1 */
  factor?: number | undefined
}

/** Options of `createRateLimiter`: one policy, or several as `policies`. */
export interface RateLimiterOptions<Req = unknown>
  extends Partial<Omit<PolicyOptions<Req>, 'key'>> {
  /** The limits, or what gives them for a request. Instead of `limit` and its kin. */
  policies?:
    | readonly PolicyOptions<Req>[]
    | ((request: Req) => readonly PolicyOptions<Req>[] | Promise<readonly PolicyOptions<Req>[]>)
    | undefined
  /** Where limits are kept, shared by all processes. @defaultValue in this process's memory */
  redis?: RedisInput | undefined
  /** First part of the keys. Limiters that share it and a policy's name share its counts. @defaultValue `'hotpath'` */
  namespace?: string | undefined
  /** Longest that a decision waits for Redis. @defaultValue `'250ms'` */
  storeTimeout?: Duration | undefined
  /**
   * What happens while Redis is away: `'local'` counts in this process, against limits divided by the
   * number of live instances last heard of; `'allow'` and `'deny'` do that.
   * @defaultValue `'local'`
   */
  onStoreError?: 'local' | 'allow' | 'deny' | undefined
  /** Bounds of memory. */
  memory?:
    | { /** Clients times policies. @defaultValue 50,000 */ maxKeys?: number | undefined }
    | undefined
  /**
   * Whether a client known to be over its limit is refused here, without asking Redis, until the time
   * that Redis gave. @defaultValue 10,000 clients
   */
  blockCache?: boolean | { maxKeys: number } | undefined
  /** Clients that go on after being refused are refused for longer. @defaultValue none */
  ban?: BanOptions | undefined
  /** `'shadow'` decides, counts and reports, and refuses nobody. @defaultValue `'enforce'` */
  mode?: 'enforce' | 'shadow' | undefined
  clock?: Clock | undefined
  random?: Random | undefined
}
