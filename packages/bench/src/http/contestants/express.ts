import { createServer, type Server } from 'node:http'
import express, { type Express, type RequestHandler } from 'express'
import { CACHE_CONTROL, CONTENT_TYPE, type Site } from '../contestant.ts'
import { StoredPages } from '../stored-pages.ts'
import { RedisPages } from './redis-floor.ts'

/** Express with its defaults and one route. */
export function expressHandler(site: Site): Server {
  return createExpressServer(site, [])
}

/** The floor, as the first `app.use`. */
export function expressFloor(site: Site): Server {
  const stored = new StoredPages(site.pages)
  return createExpressServer(site, [
    (request, response, next) => {
      if (!stored.answer(request, response)) next()
    },
  ])
}

/** The same with the bodies in Redis. */
export async function expressRedisFloor(site: Site): Promise<Server> {
  const stored = await RedisPages.of(site)
  return createExpressServer(site, [
    (request, response, next) => {
      if (!stored.answer(request, response)) next()
    },
  ])
}

export function createExpressServer(site: Site, middleware: readonly RequestHandler[]): Server {
  return createServer(createExpressApp(site, middleware))
}

/** The same app for all that are built on Express: `middleware`, then the route. */
export function createExpressApp(
  { pages, countHandled }: Site,
  middleware: readonly RequestHandler[],
): Express {
  const app = express()
  for (const handler of middleware) app.use(handler)
  for (const { path, body } of pages) {
    app.get(path, (_request, response) => {
      countHandled()
      response.set('Content-Type', CONTENT_TYPE).set('Cache-Control', CACHE_CONTROL).send(body)
    })
  }
  return app
}
