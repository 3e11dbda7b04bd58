import type { Server } from 'node:http'
import apicache from 'apicache-plus'
import type { Site } from '../contestant.ts'
import { createExpressServer } from './express.ts'

export function apicachePlusOnExpress(site: Site): Server {
  return createExpressServer(site, [apicache('1 hour')])
}
