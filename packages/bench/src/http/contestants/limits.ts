import peerPlugin from '@fastify/rate-limit'
import { rateLimitMiddleware } from '@hotpath/express'
import { rateLimitPlugin } from '@hotpath/fastify'
import { rateLimit } from 'express-rate-limit'
import { Redis } from 'ioredis'
import { RedisStore } from 'rate-limit-redis'
import type { CreateServer, Site } from '../contestant.ts'
import { createExpressServer } from './express.ts'
import { createFastifyServer } from './fastify.ts'

const WINDOW_MS = 86_400_000

/** So many units a day: never reached, or reached by the first request. */
type Limit = 1_000_000_000 | 1
type Algorithm = 'fixed-window' | 'sliding-window'

/** How one of ours limits. */
export interface Ours {
  readonly algorithm: Algorithm
  readonly limit: Limit
  /** Whether who is known to be refused is refused without asking Redis. */
  readonly blockCache?: boolean
}

/** Counts of this process, though all share a Redis. */
const NAMESPACE = `bench-${process.pid}`

function optionsOf({ redisUrl }: Site, ours: Ours) {
  const redis = redisUrl === '' ? undefined : redisUrl
  return { redis, namespace: NAMESPACE, window: WINDOW_MS, storeTimeout: 5_000, ...ours }
}

export function hotpathLimitOnExpress(ours: Ours): CreateServer {
  return (site) => createExpressServer(site, [rateLimitMiddleware(optionsOf(site, ours))])
}

export function hotpathLimitOnFastify(ours: Ours): CreateServer {
  return (site) =>
    createFastifyServer(site, (app) => app.register(rateLimitPlugin, optionsOf(site, ours)))
}

/** Its newest fields, as ours are. */
export function expressRateLimit(limit: Limit): CreateServer {
  const fields = { standardHeaders: 'draft-8', legacyHeaders: false } as const
  return (site) =>
    createExpressServer(site, [
      rateLimit({ limit, windowMs: WINDOW_MS, ...fields, ...peerStore(site) }),
    ])
}

function peerStore({ redisUrl }: Site): { store?: RedisStore } {
  if (redisUrl === '') return {}
  const redis = new Redis(redisUrl)
  const store = new RedisStore({
    prefix: NAMESPACE,
    sendCommand: async (command: string, ...args: string[]) =>
      (await redis.call(command, ...args)) as string,
  })
  return { store }
}

export function fastifyRateLimit(limit: Limit): CreateServer {
  return (site) => {
    const redis = site.redisUrl === '' ? undefined : new Redis(site.redisUrl)
    return createFastifyServer(site, (app) =>
      app.register(peerPlugin, {
        max: limit,
        timeWindow: WINDOW_MS,
        nameSpace: NAMESPACE,
        enableDraftSpec: true,
        ...(redis === undefined ? {} : { redis }),
      }),
    )
  }
}
