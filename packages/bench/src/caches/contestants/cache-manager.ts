import KeyvRedis from '@keyv/redis'
import { createCache } from 'cache-manager'
import { Keyv } from 'keyv'
import type { City } from '../city.ts'
import { type BulkContestant, TTL_MS } from '../contestant.ts'
import type { Source } from '../source.ts'

/** Its own default store, which is the fastest that it documents; it has no bound. */
export function cacheManagerInMemory(source: Source): BulkContestant {
  return overStore(source, new Keyv())
}

export function cacheManagerOnRedis(source: Source, redisUrl: string): BulkContestant {
  const store = new KeyvRedis(redisUrl)
  return overStore(source, new Keyv({ store, namespace: 'cache-manager' }))
}

function overStore(source: Source, store: Keyv): BulkContestant {
  const cache = createCache({ stores: [store], ttl: TTL_MS })
  return {
    name: 'cache-manager',
    package: 'cache-manager',
    source,
    hit: (key) => cache.wrap(key, () => source.load(key)),
    hitMany: (keys) => cache.mget<City>([...keys]),
    teardown: async () => {
      await cache.disconnect()
    },
  }
}
