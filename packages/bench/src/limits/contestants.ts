import rateLimitPlugin from '@fastify/rate-limit'
import { createRateLimiter } from '@hotpath/rate-limit'
import { MemoryStore, type Options, type Store } from 'express-rate-limit'
import fastify, { type FastifyRequest } from 'fastify'
import { Redis } from 'ioredis'
import { RedisStore } from 'rate-limit-redis'
import { RateLimiterMemory, RateLimiterRedis } from 'rate-limiter-flexible'

/** A limiter that is never reached: what is timed is a decision to let on. */
const LIMIT = 1_000_000_000
const WINDOW_MS = 3_600_000

/** Something that decides. */
export interface Contestant {
  readonly name: string
  consume(key: string): Promise<unknown>
  close(): Promise<void>
}

type Algorithm = 'fixed-window' | 'sliding-window' | 'token-bucket'

function ours(algorithm: Algorithm, redis: string | undefined): Contestant {
  const limiter = createRateLimiter({
    redis,
    namespace: `bench-${algorithm}`,
    storeTimeout: 5_000,
    limit: LIMIT,
    window: WINDOW_MS,
    algorithm,
  })
  return {
    name: `hotpath, ${algorithm}`,
    consume: (key) => limiter.consume(key),
    close: () => limiter.close(),
  }
}

function expressStore(name: string, store: Store, close: () => void): Contestant {
  // The cast: all that these stores read.
  void store.init?.({ windowMs: WINDOW_MS } as Options)
  return {
    name,
    consume: async (key) => await store.increment(key),
    close: async () => {
      await store.shutdown?.()
      close()
    },
  }
}

/** Its `createRateLimit` decides without a response: keys by the default, which waits for nothing. */
async function fastifyRateLimit(name: string, redis: Redis | undefined): Promise<Contestant> {
  const app = fastify()
  const store = redis === undefined ? {} : { redis }
  await app.register(rateLimitPlugin, { max: LIMIT, timeWindow: WINDOW_MS, ...store })
  await app.ready()
  const decide = app.createRateLimit()
  return {
    name,
    // The cast: all that it reads of a request.
    consume: (key) => decide({ ip: key, routeOptions: {} } as FastifyRequest),
    close: async () => {
      await app.close()
      redis?.disconnect()
    },
  }
}

/** Those that decide in memory: all of them by a fixed window but where ours says otherwise. */
export async function inMemory(): Promise<Contestant[]> {
  const flexible = new RateLimiterMemory({ points: LIMIT, duration: WINDOW_MS / 1000 })
  return [
    ours('fixed-window', undefined),
    ours('sliding-window', undefined),
    ours('token-bucket', undefined),
    expressStore('express-rate-limit, MemoryStore', new MemoryStore(), () => {}),
    await fastifyRateLimit('@fastify/rate-limit, LocalStore', undefined),
    {
      name: 'rate-limiter-flexible, memory',
      consume: (key) => flexible.consume(key),
      close: async () => {},
    },
  ]
}

/** Those that decide in Redis, each in one round trip. */
export async function inRedis(url: string): Promise<Contestant[]> {
  const clients = [new Redis(url), new Redis(url)] as const
  const [forStore, forFlexible] = clients
  const store = new RedisStore({
    sendCommand: async (command: string, ...args: string[]) =>
      (await forStore.call(command, ...args)) as string,
  })
  const flexible = new RateLimiterRedis({
    storeClient: forFlexible,
    points: LIMIT,
    duration: WINDOW_MS / 1000,
  })
  return [
    ours('fixed-window', url),
    ours('sliding-window', url),
    ours('token-bucket', url),
    expressStore('express-rate-limit, rate-limit-redis', store, () => forStore.disconnect()),
    await fastifyRateLimit('@fastify/rate-limit, RedisStore', new Redis(url)),
    {
      name: 'rate-limiter-flexible, Redis',
      consume: (key) => flexible.consume(key),
      close: async () => forFlexible.disconnect(),
    },
  ]
}
