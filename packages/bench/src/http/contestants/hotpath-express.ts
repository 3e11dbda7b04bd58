import type { Server } from 'node:http'
import { cacheMiddleware } from '@hotpath/express'
import type { Site } from '../contestant.ts'
import { createExpressServer } from './express.ts'
import { FROM_MEMORY, fromRedis, WITH_ETAG } from './hotpath-options.ts'

export function hotpathOnExpress(site: Site): Server {
  return createExpressServer(site, [cacheMiddleware(FROM_MEMORY)])
}

export function hotpathOnExpressWithEtag(site: Site): Server {
  return createExpressServer(site, [cacheMiddleware(WITH_ETAG)])
}

export function hotpathOnExpressFromRedis(site: Site): Server {
  return createExpressServer(site, [cacheMiddleware(fromRedis(site))])
}
