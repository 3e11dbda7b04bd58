import type { Server } from 'node:http'
import peerPlugin from '@fastify/rate-limit'
import { rateLimitMiddleware } from '@hotpath/express'
import { rateLimitPlugin } from '@hotpath/fastify'
import { rateLimit } from 'express-rate-limit'
import { Redis } from 'ioredis'
import { RedisStore } from 'rate-limit-redis'
import type { CreateServer, Site } from '../contestant.ts'
import { createExpressServer } from './express.ts'
import { createFastifyServer } from './fastify.ts'

/** Never reached: what is timed is a request that goes on. */
const LIMIT = 1_000_000_000
const WINDOW_MS = 3_600_000

type Algorithm = 'fixed-window' | 'sliding-window'

function ours({ redisUrl }: Site, algorithm: Algorithm) {
  const redis = redisUrl === '' ? undefined : redisUrl
  return { redis, limit: LIMIT, window: WINDOW_MS, algorithm, storeTimeout: 5_000 }
}

export function hotpathLimitOnExpress(algorithm: Algorithm): CreateServer {
  return (site) => createExpressServer(site, [rateLimitMiddleware(ours(site, algorithm))])
}

export function hotpathLimitOnFastify(algorithm: Algorithm): CreateServer {
  return (site) =>
    createFastifyServer(site, (app) => app.register(rateLimitPlugin, ours(site, algorithm)))
}

/** Its newest fields, as ours are. */
export function expressRateLimit(site: Site): Server {
  const fields = { standardHeaders: 'draft-8', legacyHeaders: false } as const
  return createExpressServer(site, [
    rateLimit({ limit: LIMIT, windowMs: WINDOW_MS, ...fields, ...peerStore(site) }),
  ])
}

function peerStore({ redisUrl }: Site): { store?: RedisStore } {
  if (redisUrl === '') return {}
  const redis = new Redis(redisUrl)
  const store = new RedisStore({
    sendCommand: async (command: string, ...args: string[]) =>
      (await redis.call(command, ...args)) as string,
  })
  return { store }
}

export function fastifyRateLimit(site: Site): Promise<Server> {
  const redis = site.redisUrl === '' ? undefined : new Redis(site.redisUrl)
  return createFastifyServer(site, (app) =>
    app.register(peerPlugin, {
      max: LIMIT,
      timeWindow: WINDOW_MS,
      enableDraftSpec: true,
      ...(redis === undefined ? {} : { redis }),
    }),
  )
}
