import { setTimeout as sleep } from 'node:timers/promises'
import { createRedisLink, type RedisInput, systemRandom } from '@hotpath/core'
import { FakeClock, type RedisServer, type StartRedisOptions, startRedis } from '@hotpath/testing'
import { afterAll, beforeAll } from 'vitest'
import { MemoryStore } from '../src/store/memory-store.ts'
import { RedisStore } from '../src/store/redis-store.ts'
import type { StoreDriver } from './store-suite.ts'

export const SECRET = 'a secret for tests, thirty-two characters long'

/** For tests that are not about time, on machines that have much else to do. */
export const PATIENT = 5_000

/** One Redis for the tests of a file. */
export function useRedis(options?: StartRedisOptions): { readonly server: RedisServer } {
  let server: RedisServer | undefined
  beforeAll(async () => {
    server = await startRedis(options)
  })
  afterAll(async () => {
    await server?.stop()
  })
  return {
    get server() {
      if (server === undefined) throw new Error('Redis is started before the first test')
      return server
    },
  }
}

export function newNamespace(): string {
  return `test-${systemRandom.token(6)}`
}

export function memoryDriver(): StoreDriver {
  const clock = new FakeClock()
  return {
    name: 'memory',
    open: (limits) => new MemoryStore({ limits, maxSessions: 1_000, clock }),
    elapse: async (ms) => clock.advance(ms),
  }
}

/** Redis tells its own time, which nobody can set: a few tests wait for it. */
export function redisDriver(name: string, redis: () => RedisInput): StoreDriver {
  return {
    name,
    open: (limits) =>
      new RedisStore(createRedisLink(redis(), { storeTimeout: PATIENT }), {
        namespace: newNamespace(),
        limits,
        random: systemRandom,
        closesLink: true,
      }),
    elapse: async (ms) => void (await sleep(ms)),
  }
}
