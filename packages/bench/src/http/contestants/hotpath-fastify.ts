import type { Server } from 'node:http'
import { cachePlugin } from '@hotpath/fastify'
import type { Site } from '../contestant.ts'
import { createFastifyServer } from './fastify.ts'
import { FROM_MEMORY, fromRedis, WITH_ETAG } from './hotpath-options.ts'

export function hotpathOnFastify(site: Site): Promise<Server> {
  return createFastifyServer(site, (app) => app.register(cachePlugin, FROM_MEMORY))
}

export function hotpathOnFastifyWithEtag(site: Site): Promise<Server> {
  return createFastifyServer(site, (app) => app.register(cachePlugin, WITH_ETAG))
}

export function hotpathOnFastifyFromRedis(site: Site): Promise<Server> {
  return createFastifyServer(site, (app) => app.register(cachePlugin, fromRedis(site)))
}
