import {
  checkResponseCache,
  createResponseCache,
  type FrameworkPort,
  type ResponseCache,
  type ResponseCacheOptions,
  type RouteCache,
  type RouteCacheOptions,
} from '@hotpath/http'
import type {
  FastifyInstance,
  FastifyPluginAsync,
  FastifyReply,
  FastifyRequest,
  HookHandlerDoneFunction,
  onRequestHookHandler,
  RegisterOptions,
} from 'fastify'
import fastifyPlugin from 'fastify-plugin'

/** Options of {@link cachePlugin}: those of a response cache, or one to share and the options of its routes here. */
export interface CachePluginOptions extends ResponseCacheOptions<FastifyRequest> {
  /** A response cache made by `createResponseCache`, instead of options for one. */
  responseCache?: ResponseCache<FastifyRequest> | undefined
}

declare module 'fastify' {
  interface FastifyInstance {
    /** Where responses are kept, to purge. */
    readonly responseCache: ResponseCache<FastifyRequest>
  }
  interface FastifyContextConfig {
    /** How the route's responses are cached where it differs from the plugin's options; `false`: not at all. */
    cache?: RouteCacheOptions<FastifyRequest> | false
  }
}

interface Context {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly done: HookHandlerDoneFunction
}

const fastify: FrameworkPort<Context> = {
  takeOver({ reply }) {
    const fields = reply.getHeaders()
    for (const name in fields) reply.raw.setHeader(name, fields[name] as string)
    reply.hijack()
  },
  proceed: ({ done }) => done(),
  fail({ reply, done }, error) {
    // Fastify answers nothing more of what has been taken out of its hands.
    if (reply.sent) reply.raw.destroy()
    else done(error as Error)
  },
  entry: ({ request }) => request.server.routing,
  fieldsSoFar: ({ reply }) => reply.getHeaders(),
  parsedQuery: ({ request }) => request.query,
}

/** In the config of routes that have their own hook. */
const HOOKED = Symbol('hotpath.cache')

interface RouteConfig {
  cache?: RouteCacheOptions<FastifyRequest> | false
  [HOOKED]?: true
}

const register: FastifyPluginAsync<CachePluginOptions & RegisterOptions> = async (app, options) => {
  // Fastify hands on what was meant for `register`.
  const { prefix, logLevel, logSerializers, responseCache: shared, ...own } = options
  if (shared !== undefined) checkResponseCache(shared, 'cachePlugin')
  const responseCache = shared ?? createResponseCache<FastifyRequest>(own, 'cachePlugin')
  // Beside one to share, the plugin's options are those of its routes.
  const ofRoutes: RouteCacheOptions<FastifyRequest> = shared === undefined ? {} : own
  responseCache.route(ofRoutes, 'cachePlugin')
  const hookFor = (config: RouteConfig | undefined): onRequestHookHandler | undefined => {
    if (config?.cache === false) return undefined
    return hookOf(responseCache.route(within(ofRoutes, config?.cache), 'config.cache'))
  }

  app.decorate('responseCache', responseCache)
  // A hook of the route's own comes after those of the app and of the plugins around it: a cached
  // answer has passed authentication as any other has.
  app.addHook('onRoute', (route) => {
    const config = route.config as RouteConfig | undefined
    const hook = hookFor(config)
    const hooked: RouteConfig = { ...config, [HOOKED]: true }
    route.config = hooked as NonNullable<typeof route.config>
    if (hook !== undefined) route.onRequest = [...[route.onRequest ?? []].flat(), hook]
  })
  addHookForEarlierRoutes(app, hookFor)
  if (shared === undefined) app.addHook('onClose', () => responseCache.close())
}

/** A route's own options, those left out taken from the plugin's. What is no options at all is refused as it is. */
function within(
  outer: RouteCacheOptions<FastifyRequest>,
  own: RouteCacheOptions<FastifyRequest> | undefined,
): RouteCacheOptions<FastifyRequest> {
  if (typeof own !== 'object' || own === null) return own ?? outer
  const said = Object.entries(own).filter(([, value]) => value !== undefined)
  return { ...outer, ...Object.fromEntries(said) }
}

/** Routes made before the plugin was loaded, as they are after a `register` that nobody awaited. */
function addHookForEarlierRoutes(
  app: FastifyInstance,
  hookFor: (config: RouteConfig | undefined) => onRequestHookHandler | undefined,
): void {
  if (app.printRoutes() === '(empty tree)') return
  const hooks = new WeakMap<object, onRequestHookHandler | undefined>()
  app.addHook('onRequest', function (request, reply, done) {
    const config = request.routeOptions.config as RouteConfig
    if (config[HOOKED] || request.is404) return done()
    if (!hooks.has(config)) hooks.set(config, hookFor(config))
    const hook = hooks.get(config)
    if (hook === undefined) done()
    else hook.call(this, request, reply, done)
  })
}

function hookOf(route: RouteCache<FastifyRequest>): onRequestHookHandler {
  return (request, reply, done) => {
    route.handle(fastify, { request, reply, done }, request, request.raw, reply.raw)
  }
}

/**
 * Caches responses in Fastify: `config: { cache: {...} | false }` sets a route's own options.
 *
 * Each route made after it has its cache behind all `onRequest` hooks of the app, of the plugins
 * around the route and of the route itself; routes made before it have it where it was registered.
 * Wrong options fail the registration, or the route, with `ERR_OPTION_INVALID`.
 *
 * @example
 * ```ts
 * await app.register(cachePlugin, { redis: process.env.REDIS_URL, ttl: '30s' })
 * app.get('/cities/:id', { config: { cache: { ttl: '5m' } } }, handler)
 * app.get('/now', { config: { cache: false } }, () => new Date())
 * await app.responseCache.purge({ prefix: '/cities' })
 * ```
 */
export const cachePlugin: FastifyPluginAsync<CachePluginOptions> = fastifyPlugin(register, {
  fastify: '5.x',
  name: '@hotpath/fastify-cache',
})
