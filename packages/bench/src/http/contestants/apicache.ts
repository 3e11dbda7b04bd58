import type { Server } from 'node:http'
import apicache from 'apicache'
import type { Site } from '../contestant.ts'
import { createExpressServer } from './express.ts'

export function apicacheOnExpress(site: Site): Server {
  return createExpressServer(site, [apicache.middleware('1 hour')])
}
