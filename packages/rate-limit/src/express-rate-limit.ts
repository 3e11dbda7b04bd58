import type { ClientRateLimitInfo, Options, Store } from 'express-rate-limit'
import { HitCounter, type HitStoreOptions } from './hit-counter.ts'

export type { HitStoreOptions } from './hit-counter.ts'

/**
 * A store for express-rate-limit, in Redis or in bounded memory.
 *
 * While Redis is away it counts in this process, or rejects with `onStoreError: 'throw'` and leaves it
 * to the middleware's `passOnStoreError`. A decrement counts in the window of its own increment only.
 * Wrong options throw `ERR_OPTION_INVALID`.
 *
 * @example
 * ```ts
 * import { ExpressRateLimitStore } from '@hotpath/rate-limit/express-rate-limit'
 *
 * const store = new ExpressRateLimitStore({ algorithm: 'sliding-window' })
 * // app.use(rateLimit({ windowMs: 60_000, limit: 100, store }))
 * ```
 */
export class ExpressRateLimitStore implements Store {
  /** Whether counts are this process's own. */
  readonly localKeys: boolean
  /** What express-rate-limit takes for the prefix of the keys. */
  readonly prefix: string
  readonly #hits: HitCounter
  #windowMs = 60_000

  constructor(options?: HitStoreOptions) {
    this.#hits = new HitCounter('ExpressRateLimitStore', options)
    this.localKeys = this.#hits.isLocal
    this.prefix = this.#hits.namespace
  }

  /** Called by express-rate-limit with its options. */
  init({ windowMs }: Pick<Options, 'windowMs'>): void {
    this.#windowMs = windowMs
  }

  /** Counts one hit. */
  async increment(key: string): Promise<ClientRateLimitInfo> {
    return this.#info(await this.#hits.hit(key, this.#windowMs))
  }

  /** Takes one hit of this process back. */
  async decrement(key: string): Promise<void> {
    await this.#hits.takeBack(key)
  }

  /** How often the client has come; `undefined` when it has not. */
  async get(key: string): Promise<ClientRateLimitInfo | undefined> {
    const hits = await this.#hits.peek(key, this.#windowMs)
    return hits.count === 0 ? undefined : this.#info(hits)
  }

  /** Forgets the client. */
  async resetKey(key: string): Promise<void> {
    await this.#hits.reset(key, this.#windowMs)
  }

  /** Forgets everybody of this namespace; on a Redis Cluster it throws `ERR_OPTION_INVALID`. */
  async resetAll(): Promise<void> {
    await this.#hits.resetAll()
  }

  /** Closes the connection to Redis that it opened. */
  async shutdown(): Promise<void> {
    await this.#hits.close()
  }

  #info({ count, resetMs }: { count: number; resetMs: number }): ClientRateLimitInfo {
    return { totalHits: count, resetTime: new Date(this.#hits.clock.now() + resetMs) }
  }
}
