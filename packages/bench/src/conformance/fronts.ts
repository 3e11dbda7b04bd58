import { createServer, type RequestListener, type Server } from 'node:http'
import { cacheMiddleware } from '@hotpath/express'
import { cachePlugin } from '@hotpath/fastify'
import { cacheHandler, type ResponseCacheOptions } from '@hotpath/http'
import express from 'express'
import { fastify } from 'fastify'

/** The options that all frameworks have in common. */
export type FrontOptions = Pick<
  ResponseCacheOptions,
  'heuristic' | 'honorRequestCacheControl' | 'redis' | 'staleIfError' | 'targets'
>

/** A cache in front of a handler, and what ends it. */
export interface Front {
  readonly server: Server
  close(): Promise<unknown>
}

/** The ways in, each before the same plain handler. */
export const FRONTS: Readonly<Record<FrontName, StartFront>> = {
  bare: onNode,
  express: onExpress,
  fastify: onFastify,
}
export type FrontName = 'bare' | 'express' | 'fastify'
type StartFront = (handler: RequestListener, options: FrontOptions) => Front | Promise<Front>

function onNode(handler: RequestListener, options: FrontOptions): Front {
  const cached = cacheHandler(handler, options)
  return { server: createServer(cached), close: () => cached.responseCache.close() }
}

function onExpress(handler: RequestListener, options: FrontOptions): Front {
  const middleware = cacheMiddleware(options)
  const app = express()
  app.disable('x-powered-by')
  app.use(middleware)
  app.use(handler)
  return { server: createServer(app), close: () => middleware.responseCache.close() }
}

async function onFastify(handler: RequestListener, options: FrontOptions): Promise<Front> {
  const app = fastify()
  // The handler is given the request as it came.
  app.addHttpMethod('M-SEARCH', { hasBody: true })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, _payload, done) => done(null))
  await app.register(cachePlugin, options)
  app.all('*', (request, reply) => {
    reply.hijack()
    handler(request.raw, reply.raw)
  })
  await app.ready()
  return { server: app.server, close: () => app.close() }
}
