import type { Server } from 'node:http'
import { cachePlugin } from '@hotpath/fastify'
import type { Site } from '../contestant.ts'
import { createFastifyServer } from './fastify.ts'

export function hotpathOnFastify(site: Site): Promise<Server> {
  return createFastifyServer(site, (app) => app.register(cachePlugin, { ttl: '1h' }))
}
