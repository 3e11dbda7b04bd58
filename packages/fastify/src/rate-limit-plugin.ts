import {
  applyFields,
  createRequestLimiter,
  type RateLimiter,
  type RequestLimiter,
  type RequestLimitOptions,
  settleOnClose,
  shareRedis,
} from '@hotpath/rate-limit'
import type {
  FastifyPluginAsync,
  FastifyRequest,
  onRequestAsyncHookHandler,
  RegisterOptions,
} from 'fastify'
import fastifyPlugin from 'fastify-plugin'

/** Options of {@link rateLimitPlugin}: those of limits, or limits to share. */
export type RateLimitPluginOptions = (
  | RequestLimitOptions<FastifyRequest>
  | {
      /** Made by `createRequestLimiter`, instead of options; who made it closes it. */
      limits: RequestLimiter<FastifyRequest>
    }
) & {
  /** Whether routes without `config.rateLimit` are limited too. @defaultValue true */
  global?: boolean | undefined
}

declare module 'fastify' {
  interface FastifyInstance {
    /** The limits of routes without their own, to look at, block and reset. */
    readonly rateLimiter: RateLimiter<FastifyRequest>
  }
  interface FastifyContextConfig {
    /**
     * The route's own limit, in place of the plugin's and over its other options; `false`: none. What
     * `createRequestLimiter` made is taken as it is.
     */
    rateLimit?: RequestLimitOptions<FastifyRequest> | RequestLimiter<FastifyRequest> | false
  }
}

type Limits = RequestLimiter<FastifyRequest>
type Options = RequestLimitOptions<FastifyRequest>

const register: FastifyPluginAsync<RateLimitPluginOptions & RegisterOptions> = async (
  app,
  options,
) => {
  // Fastify hands on what was meant for `register`.
  const { prefix, logLevel, logSerializers, global = true, ...given } = options
  const shared = 'limits' in given ? given.limits : undefined
  // Routes with limits of their own go by the same connection.
  const { options: own, close } = shareRedis(shared === undefined ? (given as Options) : {})
  const all: Limits[] = []
  const limit = (options: Options, entryPoint: string): Limits => {
    const made = createRequestLimiter<FastifyRequest>(options, entryPoint)
    all.push(made)
    return made
  }
  const common = shared ?? limit(own, 'rateLimitPlugin')
  const limitsOf = (config: Options | Limits | undefined, name: string): Limits => {
    if (config === undefined) return common
    return isLimiter(config) ? config : limit(merge(own, config, name), 'config.rateLimit')
  }
  app.decorate('rateLimiter', common.limiter)
  app.addHook('onRoute', (route) => {
    const config = route.config?.rateLimit
    if (config === false || (config === undefined && !global)) return
    const name = `${[route.method].flat().join()} ${route.url}`
    route.onRequest = [...[route.onRequest ?? []].flat(), hookOf(limitsOf(config, name))]
  })
  app.addHook('onClose', async () => {
    await Promise.all(all.map((limits) => limits.close()))
    await close()
  })
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

function hookOf(limits: Limits): onRequestAsyncHookHandler {
  return async (request, reply) => {
    const checked = await limits.check(request, request.raw)
    if (checked === undefined) return
    settleOnClose(checked, reply.raw)
    applyFields(
      checked.fields,
      (name) => reply.getHeader(name),
      (name, value) => reply.header(name, value),
    )
    const { refusal } = checked
    if (refusal === undefined) return
    reply.code(refusal.status).type(refusal.contentType)
    // As bytes: Fastify gives text a charset, and this type has none.
    return await reply.send(Buffer.from(refusal.body))
  }
}

/**
 * Limits requests in Fastify: `config: { rateLimit: {...} | false }` sets a route's own limits, which
 * are counted apart. Refuses with 429, Retry-After and a problem document.
 *
 * Each route made after it has its limits behind all `onRequest` hooks of the app and of the route.
 * Without `key` a client is the address of its connection: Fastify's own `trustProxy` has no say, the
 * option of that name has. Wrong options fail the registration, or the route, with
 * `ERR_OPTION_INVALID`.
 *
 * @example
 * ```ts
 * await app.register(rateLimitPlugin, { redis: process.env.REDIS_URL, limit: 100, window: '1m' })
 * app.get('/search', { config: { rateLimit: { limit: 5, window: '1s' } } }, handler)
 * app.get('/health', { config: { rateLimit: false } }, () => 'ok')
 * ```
 */
export const rateLimitPlugin: FastifyPluginAsync<RateLimitPluginOptions> = fastifyPlugin(register, {
  fastify: '5.x',
  name: '@hotpath/fastify-rate-limit',
})
