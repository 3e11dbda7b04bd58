import { createServer, type Server } from 'node:http'
import { cacheHandler } from '@hotpath/http'
import type { Site } from '../contestant.ts'
import { writePrebuilt } from './node.ts'

export function hotpathOnNode(site: Site): Server {
  return createServer(cacheHandler(writePrebuilt(site), { ttl: '1h' }))
}
