import { Redis } from 'ioredis'
import { Loader } from 'layered-loader'
import { RedisCache } from 'layered-loader/redis'
import type { City } from '../city.ts'
import { type BulkContestant, type Contestant, MAX_ENTRIES, TTL_MS } from '../contestant.ts'
import type { Source } from '../source.ts'

export function layeredLoaderInMemory(source: Source): Contestant {
  const loader = new Loader<City>({
    inMemoryCache: { cacheType: 'lru-map', ttlInMsecs: TTL_MS, maxItems: MAX_ENTRIES },
    dataSourceGetOneFn: source.load,
  })
  return overLoader(source, loader, async () => {})
}

export function layeredLoaderOnRedis(source: Source, redisUrl: string): Contestant {
  const redis = new Redis(redisUrl, { enableAutoPipelining: true })
  const loader = new Loader<City>({
    asyncCache: new RedisCache<City>(redis, { json: true, ttlInMsecs: TTL_MS, prefix: 'layered' }),
    dataSourceGetOneFn: source.load,
  })
  return overLoader(source, loader, async () => redis.disconnect())
}

/** `getMany` as its documentation has it: in its own order, not in that of the keys. */
export function layeredLoaderBulk(source: Source, redisUrl: string): BulkContestant {
  const redis = new Redis(redisUrl)
  const loader = new Loader<City>({
    asyncCache: new RedisCache<City>(redis, { json: true, ttlInMsecs: TTL_MS, prefix: 'layered' }),
    dataSourceGetOneFn: source.load,
    dataSourceGetManyFn: (keys) => Promise.all(keys.map(source.load)),
    cacheKeyFromValueResolver: ({ id }) => `city:${id}`,
  })
  return {
    ...overLoader(source, loader, async () => redis.disconnect()),
    name: 'layered-loader getMany',
    hitMany: (keys) => loader.getMany([...keys]),
  }
}

function overLoader(
  source: Source,
  loader: Loader<City>,
  teardown: () => Promise<void>,
): Contestant {
  return {
    name: 'layered-loader',
    package: 'layered-loader',
    source,
    hit: (key) => loader.get(key),
    teardown,
  }
}
