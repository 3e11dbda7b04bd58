import { randomBytes } from 'node:crypto'
import { describe, onTestFinished } from 'vitest'
import { type CacheOptions, createCache } from '../../src/index.ts'
import { describeCache } from '../cache/cache-suite.ts'
import { describeCoherence } from '../cache/coherence-suite.ts'
import { describeLeases } from '../cache/leases-suite.ts'
import { describeTraps } from '../cache/traps-suite.ts'
import { PATIENT, untilReady } from '../support/harness.ts'
import type { RedisSite } from '../support/site.ts'

/** All that a cache does and promises, wherever its Redis is and whichever client asks it. */
export function describeSite(name: string, site: RedisSite): void {
  const withOptions = (options: CacheOptions) => ({
    hasMemory: options.memory !== false,
    hasRedis: true,
    connect: () => ({ options: { redis: site.redis, ...options } }),
  })
  describeCache(`A cache on ${name} and in memory`, withOptions({}))
  describe(`On ${name}`, () => {
    describeCoherence(site)
    describeLeases(site)
    describeTraps({
      place: 'traps, as two processes',
      open: async (options) => {
        const namespace = `test-${randomBytes(6).toString('hex')}`
        const openOne = async () => {
          const cache = createCache({
            redis: site.redis,
            namespace,
            storeTimeout: PATIENT,
            ...options,
          })
          onTestFinished(() => cache.close())
          await untilReady(cache, options?.memory !== false)
          return cache
        }
        const [here, elsewhere] = await Promise.all([openOne(), openOne()])
        return { here, elsewhere }
      },
      churn: { rounds: 200, bytesPerRound: 2_000 },
    })
  })
}
