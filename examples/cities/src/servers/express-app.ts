import type { Cache } from '@hotpath/core'
import { cacheMiddleware, cacheTags } from '@hotpath/express'
import express from 'express'
import type { Answer, Api } from '../api/api.ts'
import { answerError } from '../api/errors.ts'
import { cityTag, countryTag } from '../api/tags.ts'
import type { Page } from './page.ts'

/** The API on Express. */
export function createExpressApp(api: Api, cache: Cache, page: Page): express.Express {
  const app = express()

  app.get(
    '/api/cities/:id',
    cacheMiddleware({
      cache,
      ttl: '5m',
      keyCookies: [],
      tags: (req) => [cityTag(String(req.params.id))],
    }),
    async (req, res) => send(res, await api.getCity(req.params)),
  )
  app.get(
    '/api/countries/:code/summary',
    cacheMiddleware({
      cache,
      ttl: '5m',
      keyCookies: [],
      tags: (req) => [countryTag(String(req.params.code))],
    }),
    async (req, res) => send(res, await api.getSummary(req.params)),
  )
  app.get('/api/cities', cacheMiddleware({ cache, ttl: '5m', keyCookies: [] }), async (req, res) =>
    send(res, await api.getCitiesNear(req.query)),
  )
  // The body is read as JSON whatever its Content-Type says: `curl -d` calls everything a form.
  app.patch('/api/cities/:id', express.json({ type: () => true }), async (req, res) =>
    send(res, await api.patchCity(req.params, req.body)),
  )

  app.use((req, res) => {
    const file = page.find(req.method, req.path)
    if (file === undefined)
      return send(res, { status: 404, body: { error: `There is nothing at ${req.path}` } })
    res.set(file.headers).send(file.body)
  })
  app.use(
    (error: unknown, _req: express.Request, res: express.Response, _next: express.NextFunction) =>
      send(res, answerError(error)),
  )
  return app
}

function send(res: express.Response, answer: Answer): void {
  if (answer.tags !== undefined) cacheTags(res, ...answer.tags)
  res.status(answer.status).json(answer.body)
}
