import KeyvRedis from '@keyv/redis'
import { createCache } from 'cache-manager'
import { Keyv } from 'keyv'
import { type Contestant, TTL_MS } from '../contestant.ts'
import type { Source } from '../source.ts'

/** Its own default store, which is the fastest that it documents; it has no bound. */
export function cacheManagerInMemory(source: Source): Contestant {
  return overStore(source, new Keyv())
}

export function cacheManagerOnRedis(source: Source, redisUrl: string): Contestant {
  const store = new KeyvRedis(redisUrl)
  return overStore(source, new Keyv({ store, namespace: 'cache-manager' }))
}

function overStore(source: Source, store: Keyv): Contestant {
  const cache = createCache({ stores: [store], ttl: TTL_MS })
  return {
    name: 'cache-manager',
    package: 'cache-manager',
    source,
    hit: (key) => cache.wrap(key, () => source.load(key)),
    teardown: async () => {
      await cache.disconnect()
    },
  }
}
