import {
  applyFields,
  type CheckedRequest,
  type RateLimiter,
  type RequestLimiter,
  type RequestLimitOptions,
  settleOnClose,
  shareRedis,
} from '@hotpath/rate-limit'
import type {
  FastifyContextConfig,
  FastifyPluginAsync,
  FastifyReply,
  FastifyRequest,
  onRequestHookHandler,
  RegisterOptions,
} from 'fastify'
import fastifyPlugin from 'fastify-plugin'
import { type Limits, nameOf, type Options, type Route, RouteLimits } from './route-limits.ts'

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

/** On the config of a route whose limits are behind its own hooks. */
const LIMITED = Symbol('hotpath.rate-limit')

const register: FastifyPluginAsync<RateLimitPluginOptions & RegisterOptions> = async (
  app,
  options,
) => {
  // Fastify hands on what was meant for `register`.
  const { prefix, logLevel, logSerializers, global = true, ...given } = options
  const shared = 'limits' in given ? given.limits : undefined
  // Routes with limits of their own go by the same connection.
  const { options: own, close } = shareRedis(shared === undefined ? (given as Options) : {})
  const limits = await openLimits(own, shared, close)
  const limitsOf = (route: Route): Limits | undefined => {
    const config = route.config?.rateLimit
    if (config === false || (config === undefined && !global)) return undefined
    return config === undefined ? limits.common : limits.of(config, nameOf(route))
  }
  app.decorate('rateLimiter', limits.common.limiter)
  app.addHook('onRoute', (route) => {
    const found = limitsOf(route)
    route.config = { ...route.config, [LIMITED]: true } as FastifyContextConfig
    if (found === undefined) return
    route.onRequest = [...[route.onRequest ?? []].flat(), hookOf(found)]
  })
  // Routes made before the plugin, or while it was not awaited, and paths without one.
  app.addHook('onRequest', (request, reply, done) => {
    const { config, method, url = '' } = request.routeOptions
    if (config !== undefined && LIMITED in config) {
      done()
      return
    }
    admit(limitsOf({ config, method: method ?? request.method, url }), request, reply, done)
  })
  app.addHook('onClose', async () => {
    await limits.close()
    await close()
  })
}

/** Wrong options leave no connection open. */
async function openLimits(
  own: Options,
  shared: Limits | undefined,
  close: () => Promise<void>,
): Promise<RouteLimits> {
  try {
    return new RouteLimits(own, shared)
  } catch (error) {
    await close()
    throw error
  }
}

function hookOf(limits: Limits): onRequestHookHandler {
  return (request, reply, done) => admit(limits, request, reply, done)
}

type Done = (error?: Error) => void

function admit(
  limits: Limits | undefined,
  request: FastifyRequest,
  reply: FastifyReply,
  done: Done,
): void {
  const checked = limits?.check(request, request.raw)
  if (checked instanceof Promise) checked.then((found) => proceed(found, reply, done), done)
  else proceed(checked, reply, done)
}

/** Goes on, or refuses and does not. */
function proceed(checked: CheckedRequest | undefined, reply: FastifyReply, done: Done): void {
  if (checked === undefined) {
    done()
    return
  }
  settleOnClose(checked, reply.raw)
  applyFields(
    checked.fields,
    (name) => reply.getHeader(name),
    (name, value) => reply.header(name, value),
  )
  const { refusal } = checked
  if (refusal === undefined) {
    done()
    return
  }
  reply.code(refusal.status).type(refusal.contentType)
  // As bytes: Fastify gives text a charset, and this type has none.
  reply.send(Buffer.from(refusal.body))
}

/**
 * Limits requests in Fastify: `config: { rateLimit: {...} | false }` sets a route's own limits, which
 * are counted apart. Refuses with 429, Retry-After and a problem document.
 *
 * Each route made after it has its limits behind all `onRequest` hooks of the app and of the route;
 * one made before it, or while it was not awaited, and what has no route (404), among the app's hooks
 * where the plugin was registered. HEAD and GET of a route share its limit.
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
