import KeyvRedis from '@keyv/redis'
import { Cacheable, CacheableMemory } from 'cacheable'
import { Keyv } from 'keyv'
import type { City } from '../city.ts'
import { type BulkContestant, MAX_ENTRIES, TTL_MS } from '../contestant.ts'
import type { Source } from '../source.ts'

export function cacheableInMemory(source: Source): BulkContestant {
  const store = new CacheableMemory({ ttl: TTL_MS, lruSize: MAX_ENTRIES })
  return overPrimary(source, new Keyv({ store }))
}

/** Redis is the first and only store, so that every read goes there. */
export function cacheableOnRedis(source: Source, redisUrl: string): BulkContestant {
  return overPrimary(source, new Keyv({ store: new KeyvRedis(redisUrl), namespace: 'cacheable' }))
}

function overPrimary(source: Source, primary: Keyv): BulkContestant {
  const cache = new Cacheable({ primary, ttl: TTL_MS })
  return {
    name: 'cacheable',
    package: 'cacheable',
    source,
    hit: (key) => cache.getOrSet(key, () => source.load(key)),
    hitMany: (keys) => cache.getMany<City>([...keys]),
    teardown: () => cache.disconnect(),
  }
}
