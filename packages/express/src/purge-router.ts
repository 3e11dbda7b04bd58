import { createPurgeEndpoint, type PurgeEndpointOptions } from '@hotpath/http'
import type { Request, RequestHandler } from 'express'

/** Options of {@link purgeRouter}. */
export type PurgeRouterOptions = PurgeEndpointOptions<Request>

/**
 * Purges responses over HTTP: `POST /purge` with `{ "url" | "tag" | "prefix": ..., "soft"?: true }`
 * as JSON, and `PURGE <url>`; every other request goes on. Nothing is purged that `authorize` does
 * not allow; there is no default for it. More than 16 different purges at one time are
 * answered 429.
 *
 * Wrong options throw `ERR_OPTION_INVALID`; what `authorize` throws goes to Express's error handlers.
 *
 * @example
 * ```ts
 * const cached = cacheMiddleware({ ttl: '30s' })
 * const authorize = (req: Request) => req.get('authorization') === `Bearer ${process.env.PURGE_KEY}`
 * app.use(purgeRouter({ responseCache: cached.responseCache, authorize }))
 * app.use(cached)
 * ```
 */
export function purgeRouter(options: PurgeRouterOptions): RequestHandler {
  const endpoint = createPurgeEndpoint(options, 'purgeRouter')
  return (req, res, next) => {
    if (endpoint.isFor(req)) endpoint.answer(req, req, res, req.body).catch(next)
    else next()
  }
}
