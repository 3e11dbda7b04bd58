import type { Server } from 'node:http'
import { cacheMiddleware } from '@hotpath/express'
import type { Site } from '../contestant.ts'
import { createExpressServer } from './express.ts'

export function hotpathOnExpress(site: Site): Server {
  return createExpressServer(site, [cacheMiddleware({ ttl: '1h' })])
}
