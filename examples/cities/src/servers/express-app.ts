import { cacheMiddleware, rateLimitMiddleware, sessionMiddleware } from '@hotpath/express'
import express from 'express'
import { answerError } from '../api/errors.ts'
import { cityTag, countryTag } from '../api/tags.ts'
import { accountRouter } from './express-account.ts'
import { send } from './express-send.ts'
import type { Parts } from './parts.ts'

/** The API on Express. */
export function createExpressApp(parts: Parts): express.Express {
  const { api, cache, sessions, searchLimits, page } = parts
  const app = express()
  // Costs the routes that do not ask for the session nothing.
  app.use(sessionMiddleware(sessions))

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
  // The limit is on asking, not on the database: it stands before the cache, and hits count too.
  app.get(
    '/api/cities',
    rateLimitMiddleware(searchLimits),
    cacheMiddleware({ cache, ttl: '5m', keyCookies: [] }),
    async (req, res) => send(res, await api.getCitiesNear(req.query)),
  )
  // The body is read as JSON whatever its Content-Type says: `curl -d` calls everything a form.
  app.patch('/api/cities/:id', express.json({ type: () => true }), async (req, res) =>
    send(res, await api.patchCity(req.params, req.body)),
  )
  app.use('/api', accountRouter(parts))

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
