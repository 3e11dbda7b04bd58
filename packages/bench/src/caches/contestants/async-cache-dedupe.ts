import { createCache } from 'async-cache-dedupe'
import { Redis } from 'ioredis'
import { type Contestant, MAX_ENTRIES, TTL_MS } from '../contestant.ts'
import type { Source } from '../source.ts'

type Storage = NonNullable<NonNullable<Parameters<typeof createCache>[0]>['storage']>

export function asyncCacheDedupeInMemory(source: Source): Contestant {
  return overStorage(source, { type: 'memory', options: { size: MAX_ENTRIES } }, async () => {})
}

export function asyncCacheDedupeOnRedis(source: Source, redisUrl: string): Contestant {
  const client = new Redis(redisUrl, { enableAutoPipelining: true })
  return overStorage(source, { type: 'redis', options: { client } }, async () =>
    client.disconnect(),
  )
}

function overStorage(source: Source, storage: Storage, teardown: () => Promise<void>): Contestant {
  const cache = createCache({ ttl: TTL_MS / 1_000, storage }).define('city', source.load)
  return {
    name: 'async-cache-dedupe',
    package: 'async-cache-dedupe',
    source,
    hit: (key) => cache.city(key),
    teardown,
  }
}
