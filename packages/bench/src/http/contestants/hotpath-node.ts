import { createServer, type Server } from 'node:http'
import { cacheHandler } from '@hotpath/http'
import type { Site } from '../contestant.ts'
import { createExpressApp } from './express.ts'
import { FROM_MEMORY, fromRedis, WITH_ETAG } from './hotpath-options.ts'
import { writePrebuilt } from './node.ts'

export function hotpathOnNode(site: Site): Server {
  return createServer(cacheHandler(writePrebuilt(site), FROM_MEMORY))
}

export function hotpathOnNodeWithEtag(site: Site): Server {
  return createServer(cacheHandler(writePrebuilt(site), WITH_ETAG))
}

export function hotpathOnNodeFromRedis(site: Site): Server {
  return createServer(cacheHandler(writePrebuilt(site), fromRedis(site)))
}

/** In front of an Express app, which a hit never enters. */
export function hotpathBeforeExpress(site: Site): Server {
  return createServer(cacheHandler(createExpressApp(site, []), FROM_MEMORY))
}
