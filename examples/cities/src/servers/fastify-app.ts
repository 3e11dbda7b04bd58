import { createServer } from 'node:http'
import { cachePlugin, rateLimitPlugin, sessionPlugin } from '@hotpath/fastify'
import fastify, { type FastifyInstance } from 'fastify'
import { answerError } from '../api/errors.ts'
import { cityTag, countryTag } from '../api/tags.ts'
import { addAccountRoutes } from './fastify-account.ts'
import { send } from './fastify-send.ts'
import type { Parts } from './parts.ts'
import { withServerTiming } from './server-timing.ts'

/** What Fastify finds in the path: text, not yet checked. */
interface CityParams {
  id: string
}

interface CountryParams {
  code: string
}

/** The same API on Fastify. */
export async function createFastifyApp(parts: Parts): Promise<FastifyInstance> {
  const { api, cache, sessions, searchLimits, page } = parts
  const app = fastify({
    serverFactory: (handler) => createServer(withServerTiming(handler)),
    // Browsers keep idle connections open, and would hold up the end.
    forceCloseConnections: true,
  })
  app.setErrorHandler((error, _request, reply) => send(reply, answerError(error)))
  // Costs the routes that do not ask for the session nothing.
  await app.register(sessionPlugin, { sessions })
  // The limit is on asking, not on the database: it stands before the cache, and hits count too.
  await app.register(rateLimitPlugin, { limits: searchLimits, global: false })
  await app.register(cachePlugin, { cache })

  app.get(
    '/api/cities/:id',
    {
      config: {
        cache: {
          ttl: '5m',
          keyCookies: [],
          tags: (request) => [cityTag((request.params as CityParams).id)],
        },
      },
    },
    async (request, reply) => send(reply, await api.getCity(request.params)),
  )
  app.get(
    '/api/countries/:code/summary',
    {
      config: {
        cache: {
          ttl: '5m',
          keyCookies: [],
          tags: (request) => [countryTag((request.params as CountryParams).code)],
        },
      },
    },
    async (request, reply) => send(reply, await api.getSummary(request.params)),
  )
  app.get(
    '/api/cities',
    { config: { rateLimit: searchLimits, cache: { ttl: '5m', keyCookies: [] } } },
    async (request, reply) => send(reply, await api.getCitiesNear(request.query)),
  )
  // The body is read as JSON whatever its Content-Type says: `curl -d` calls everything a form.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'string' }, app.getDefaultJsonParser('error', 'error'))
  app.patch('/api/cities/:id', async (request, reply) =>
    send(reply, await api.patchCity(request.params, request.body)),
  )
  app.register(async (scope) => addAccountRoutes(scope, parts), { prefix: '/api' })

  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?', 1)[0] ?? ''
    const file = page.find(request.method, path)
    if (file === undefined)
      return send(reply, { status: 404, body: { error: `There is nothing at ${path}` } })
    return reply.headers(file.headers).send(file.body)
  })
  return app
}
