import type { Server } from 'node:http'
import Fastify, { type FastifyInstance } from 'fastify'
import { CACHE_CONTROL, CONTENT_TYPE, type Site } from '../contestant.ts'
import { StoredPages } from '../stored-pages.ts'
import { RedisPages } from './redis-floor.ts'

/** Fastify with its defaults and one route. */
export function fastifyHandler(site: Site): Promise<Server> {
  return createFastifyServer(site, () => {})
}

/** The floor, in an `onRequest` hook that takes the answer into its own hands. */
export function fastifyFloor(site: Site): Promise<Server> {
  return createStoredServer(site, new StoredPages(site.pages))
}

/** The same with the bodies in Redis. */
export async function fastifyRedisFloor(site: Site): Promise<Server> {
  return createStoredServer(site, await RedisPages.of(site))
}

function createStoredServer(site: Site, stored: StoredPages | RedisPages): Promise<Server> {
  return createFastifyServer(site, (app) => {
    app.addHook('onRequest', (request, reply, done) => {
      if (!stored.answer(request.raw, reply.raw)) done()
      else reply.hijack()
    })
  })
}

/** The same app for all that are built on Fastify: what `extend` adds, then the routes. */
export async function createFastifyServer(
  { pages, countHandled }: Site,
  extend: (app: FastifyInstance) => unknown,
): Promise<Server> {
  const app = Fastify()
  await extend(app)
  for (const { path, body } of pages) {
    app.get(path, (_request, reply) => {
      countHandled()
      return reply
        .header('Content-Type', CONTENT_TYPE)
        .header('Cache-Control', CACHE_CONTROL)
        .send(body)
    })
  }
  await app.ready()
  return app.server
}
