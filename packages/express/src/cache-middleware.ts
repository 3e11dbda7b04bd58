import type { RequestListener, Server } from 'node:http'
import type { Socket } from 'node:net'
import {
  createResponseCache,
  type FrameworkPort,
  isResponseCache,
  type ResponseCache,
  type ResponseCacheOptions,
  type RouteCacheOptions,
} from '@hotpath/http'
import type { Application, NextFunction, Request, RequestHandler, Response } from 'express'

/** What {@link cacheMiddleware} returns. */
export interface CacheMiddleware extends RequestHandler {
  /** Where its responses are kept, to purge and to close. */
  readonly responseCache: ResponseCache<Request>
}

interface Context {
  readonly req: Request
  readonly res: Response
  readonly next: NextFunction
}

const express: FrameworkPort<Context> = {
  takeOver() {},
  proceed: ({ next }) => next(),
  fail: ({ next }, error) => next(error),
  entry: ({ req }) => serverOf(req) ?? outermost(req.app),
  fieldsSoFar: ({ res }) => res.getHeaders(),
  // Express 4 has parsed it before any middleware; Express 5 parses the URL when it is asked.
  parsedQuery: ({ req }) => (Object.hasOwn(req, 'query') ? req.query : undefined),
}

/**
 * What the server gives its requests to: an app that a Router mounts, or something that is no app of
 * Express, does not know where that is. A request that came by no server has none.
 */
function serverOf({ socket }: Request): RequestListener | undefined {
  const { server } = socket as Accepted
  return server === undefined ? undefined : (req, res) => void server.emit('request', req, res)
}

/** What Node notes on the sockets that a server accepts; its types leave it out. */
interface Accepted extends Socket {
  readonly server?: Server
}

/** The app that the others are mounted in. */
function outermost(app: Application): Application {
  let outer: Mounted = app
  while (outer.parent !== undefined) outer = outer.parent
  return outer
}

/** What Express notes on an app that it mounts; its types leave it out. */
interface Mounted extends Application {
  readonly parent?: Application
}

/**
 * Caches responses, for a whole app or for a route. What is behind it is cached; put it behind
 * whatever must see every request, such as authentication, logging and CORS.
 *
 * Given options it makes a response cache of its own; given one made by `createResponseCache` it
 * shares that, with `routeOptions` in place of the cache's own. Wrong options throw
 * `ERR_OPTION_INVALID`.
 *
 * @example
 * ```ts
 * app.use(cacheMiddleware({ redis: process.env.REDIS_URL, ttl: '30s' }))
 * ```
 * @example
 * ```ts
 * const responses = createResponseCache<Request>({ cache })
 * app.get('/cities/:id', cacheMiddleware(responses, { ttl: '5m', tags: (req) => [`city:${req.params.id}`] }), handler)
 * ```
 */
export function cacheMiddleware(
  cache?: ResponseCacheOptions<Request> | ResponseCache<Request>,
  routeOptions?: RouteCacheOptions<Request>,
): CacheMiddleware {
  const responseCache = isResponseCache(cache)
    ? cache
    : createResponseCache<Request>(cache, 'cacheMiddleware')
  const route = responseCache.route(routeOptions, 'cacheMiddleware')
  const middleware: RequestHandler = (req, res, next) => {
    route.handle(express, { req, res, next }, req, req, res)
  }
  return Object.assign(middleware, { responseCache })
}
