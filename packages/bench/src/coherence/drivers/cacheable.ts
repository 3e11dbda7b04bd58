import type { Applied, Driver, Versioned } from '@hotpath/testing/coherence'
import KeyvRedis from '@keyv/redis'
import { RedisMessageProvider } from '@qified/redis'
import { Cacheable, CacheableMemory } from 'cacheable'
import { Keyv } from 'keyv'

/** cacheable with memory, Redis, and its sync between processes. Its getOrSet takes no tags. */
export const driver: Driver = {
  name: 'cacheable',
  declares: false,
  open: ({ redisUrl, namespace, maxEntries }) => {
    const cache = new Cacheable({
      primary: new Keyv({ store: new CacheableMemory({ lruSize: maxEntries }) }),
      secondary: new Keyv({ store: new KeyvRedis(redisUrl), namespace }),
      sync: { qified: new RedisMessageProvider({ uri: redisUrl }), namespace },
    })
    let failures = 0
    cache.on('error', () => {
      failures += 1
    })
    /** What it says to have failed, nobody is held to. */
    const isApplied = async (invalidate: () => Promise<unknown>): Promise<Applied> => {
      const before = failures
      await invalidate()
      return failures === before ? 'everywhere' : 'local'
    }
    return {
      getOrSet: async ({ key, ttlMs }, load) =>
        (await cache.getOrSet(key, load, { ttl: ttlMs })) as Versioned,
      get: (key) => cache.get<Versioned>(key),
      getMany: (keys) => cache.getMany<Versioned>([...keys]),
      set: async ({ key, ttlMs }, value) => {
        await cache.set(key, value, ttlMs)
      },
      delete: (key) => isApplied(() => cache.delete(key)),
      clear: () => isApplied(() => cache.clear()),
      close: () => cache.disconnect(),
    }
  },
}
