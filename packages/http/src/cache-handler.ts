import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { invalidOption } from '@hotpath/core/base'
import type { FrameworkPort } from './framework-port.ts'
import type { ResponseCacheOptions } from './options.ts'
import { createResponseCache, isResponseCache, type ResponseCache } from './response-cache.ts'

/** A request listener with a cache in front. */
export interface CachedHandler {
  (req: IncomingMessage, res: ServerResponse): void
  /** Where its responses are kept, to purge and to close. */
  readonly responseCache: ResponseCache
}

interface Context {
  readonly cached: RequestListener
  readonly handler: RequestListener
  readonly req: IncomingMessage
  readonly res: ServerResponse
}

const bareHttp: FrameworkPort<Context> = {
  takeOver() {},
  proceed({ handler, req, res }, failed) {
    try {
      const returned: unknown = handler(req, res)
      if (failed !== undefined && returned instanceof Promise) {
        // As if there were no cache, it is nobody's if it cannot be answered.
        void returned.catch((error: unknown) => {
          if (!failed(error)) throw error
        })
      }
    } catch (error) {
      if (!failed?.(error)) throwLater(error)
    }
  },
  fail: (_context, error) => throwLater(error),
  entry: ({ cached }) => cached,
  fieldsSoFar: ({ res }) => res.getHeaders(),
  parsedQuery: () => undefined,
}

/** As if there were no cache: it comes out of the request event. */
function throwLater(error: unknown): void {
  process.nextTick(() => {
    throw error
  })
}

/**
 * Puts a cache in front of any node:http request listener: a plain function, an Express app, a Koa
 * callback. A hit never enters it. Wrong options, and a handler that is none, throw `ERR_OPTION_INVALID`.
 *
 * @example
 * ```ts
 * import { createServer } from 'node:http'
 * import { cacheHandler } from '@hotpath/http'
 *
 * const handler = cacheHandler((req, res) => res.end('made once a minute'), { ttl: '1m' })
 * createServer(handler).listen(3000)
 * ```
 */
export function cacheHandler(
  handler: RequestListener,
  options?: ResponseCacheOptions | ResponseCache,
): CachedHandler {
  if (typeof handler !== 'function') {
    throw invalidOption('cacheHandler: handler', handler, 'a function of request and response')
  }
  const responseCache = isResponseCache<IncomingMessage>(options)
    ? options
    : createResponseCache(options, 'cacheHandler')
  const route = responseCache.route(undefined, 'cacheHandler')
  const cached = (req: IncomingMessage, res: ServerResponse): void => {
    route.handle(bareHttp, { cached, handler, req, res }, req, req, res)
  }
  return Object.assign(cached, { responseCache })
}
