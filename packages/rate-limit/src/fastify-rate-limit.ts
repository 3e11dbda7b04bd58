import { invalidOption } from '@hotpath/core/base'
import { HitCounter, type HitStoreOptions, type Hits } from './hit-counter.ts'

export type { HitStoreOptions } from './hit-counter.ts'

/** What a store is made with: by @fastify/rate-limit its own options, `redis` not among them. */
export interface FastifyStoreSettings {
  readonly redis?: HitStoreOptions['redis']
  readonly nameSpace?: string | undefined
  readonly continueExceeding?: boolean | undefined
  readonly exponentialBackoff?: boolean | undefined
}

interface RouteInfo {
  readonly method?: unknown
  readonly url?: string
}

/** Gives @fastify/rate-limit what it waits for. */
export type HitsCallback = (error: Error | null, result?: { current: number; ttl: number }) => void

/**
 * A store for @fastify/rate-limit: the class itself as `store` counts in bounded memory, what
 * {@link FastifyRateLimitStore.with} gives in Redis or as it is told.
 *
 * `continueExceeding` and `exponentialBackoff` throw `ERR_OPTION_INVALID`: `ban` of `rateLimitPlugin`
 * does what they are for.
 *
 * @example
 * ```ts
 * import { FastifyRateLimitStore } from '@hotpath/rate-limit/fastify-rate-limit'
 *
 * const store = FastifyRateLimitStore.with({ algorithm: 'sliding-window' })
 * // await app.register(fastifyRateLimit, { max: 100, timeWindow: '1 minute', store })
 * ```
 */
export class FastifyRateLimitStore {
  readonly #hits: HitCounter
  readonly #prefix: string

  constructor(settings: FastifyStoreSettings = {}, hits?: HitCounter, prefix = '') {
    for (const name of ['continueExceeding', 'exponentialBackoff'] as const) {
      if (settings[name]) throw invalidOption(name, true, 'false: use rateLimitPlugin with ban')
    }
    const { redis, nameSpace: namespace } = settings
    this.#hits = hits ?? new HitCounter('FastifyRateLimitStore', { redis, namespace })
    this.#prefix = prefix
  }

  /** A store with options of its own, for the plugin's `store`. */
  static with(
    options: HitStoreOptions,
  ): new (
    settings: FastifyStoreSettings,
  ) => FastifyRateLimitStore {
    const hits = new HitCounter('FastifyRateLimitStore', options)
    return class extends FastifyRateLimitStore {
      constructor(settings: FastifyStoreSettings) {
        super(settings, hits)
      }
    }
  }

  /** Counts one hit. */
  incr(key: string, callback: HitsCallback, timeWindow: number, _max?: number): void {
    this.#answer(this.#hits.hit(this.#prefix + key, timeWindow), callback)
  }

  /** The same without counting. */
  read(key: string, callback: HitsCallback, timeWindow: number, _max?: number): void {
    this.#answer(this.#hits.peek(this.#prefix + key, timeWindow), callback)
  }

  /** The store of one route, counted apart. */
  child(route: object): FastifyRateLimitStore {
    // Not what its types say: the plugin passes its options, with the route as `routeInfo`.
    const { routeInfo, ...settings } = route as FastifyStoreSettings & { routeInfo?: RouteInfo }
    const prefix = `${this.#prefix}${String(routeInfo?.method)} ${routeInfo?.url} `
    return new FastifyRateLimitStore(settings, this.#hits, prefix)
  }

  /** Closes the connection to Redis that it opened. */
  async close(): Promise<void> {
    await this.#hits.close()
  }

  #answer(asked: Promise<Hits>, callback: HitsCallback): void {
    asked.then(
      ({ count, resetMs }) => callback(null, { current: count, ttl: resetMs }),
      (error: Error) => callback(error),
    )
  }
}
