import {
  createRequestLimiter,
  type RequestLimiter,
  type RequestLimitOptions,
} from '@hotpath/rate-limit'
import type { FastifyRequest, RouteOptions } from 'fastify'

export type Limits = RequestLimiter<FastifyRequest>
export type Options = RequestLimitOptions<FastifyRequest>

/** What is asked about a route. */
export type Route = Pick<RouteOptions, 'config' | 'method' | 'url'>

/** A HEAD is a GET that is not read: they share a limit. */
export function nameOf({ method, url }: Route): string {
  const methods = [method].flat().map((one) => (one === 'HEAD' ? 'GET' : one))
  return `${[...new Set(methods)].join()} ${url}`
}

/** The limits of an app: the common ones, and those of routes, one for each config and name. */
export class RouteLimits {
  readonly common: Limits
  readonly #own: Options
  readonly #ours: Limits[] = []
  readonly #byConfig = new WeakMap<Options, Map<string, Limits>>()

  constructor(own: Options, shared: Limits | undefined) {
    this.#own = own
    this.common = shared ?? this.#make(own, 'rateLimitPlugin')
  }

  of(config: Options | Limits, name: string): Limits {
    // Nothing that could be merged: what checks options says so.
    if (typeof config !== 'object' || config === null) return this.#make(config, 'config.rateLimit')
    if (isLimiter(config)) return config
    const byName = this.#byConfig.get(config) ?? new Map<string, Limits>()
    this.#byConfig.set(config, byName)
    const limits =
      byName.get(name) ?? this.#make(merge(this.#own, config, name), 'config.rateLimit')
    byName.set(name, limits)
    return limits
  }

  async close(): Promise<void> {
    await Promise.all(this.#ours.map((limits) => limits.close()))
  }

  #make(options: Options, entryPoint: string): Limits {
    const made = createRequestLimiter<FastifyRequest>(options, entryPoint)
    this.#ours.push(made)
    return made
  }
}

/** A route's limits replace the plugin's as a whole; what else it does not say is the plugin's. */
function merge(outer: Options, route: Options, name: string): Options {
  const { policies, limit, window, algorithm, burst, buckets, name: _name, ...rest } = outer
  const limits = { policies, limit, window, algorithm, burst, buckets }
  const isOwn = route.limit !== undefined || route.policies !== undefined
  const namespace = `${outer.namespace ?? 'hotpath'} ${name}`
  return { ...rest, ...(isOwn ? {} : limits), namespace, ...route }
}

function isLimiter(config: Options | Limits): config is Limits {
  return typeof (config as Partial<Limits>).check === 'function'
}
