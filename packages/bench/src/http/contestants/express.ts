import { createServer, type Server } from 'node:http'
import express, { type RequestHandler } from 'express'
import { CACHE_CONTROL, CONTENT_TYPE, type Site } from '../contestant.ts'
import { StoredPages } from '../stored-pages.ts'

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

/** The same app for all that are built on Express: `middleware`, then the route. */
export function createExpressServer(
  { pages, countHandled }: Site,
  middleware: readonly RequestHandler[],
): Server {
  const app = express()
  for (const handler of middleware) app.use(handler)
  for (const { path, body } of pages) {
    app.get(path, (_request, response) => {
      countHandled()
      response.set('Content-Type', CONTENT_TYPE).set('Cache-Control', CACHE_CONTROL).send(body)
    })
  }
  return createServer(app)
}
