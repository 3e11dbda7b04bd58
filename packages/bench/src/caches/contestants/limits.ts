import { Redis } from 'ioredis'
import { LRUCache } from 'lru-cache'
import type { City } from '../city.ts'
import { type BulkContestant, type Contestant, MAX_ENTRIES, TTL_MS } from '../contestant.ts'
import type { Source } from '../source.ts'

/** The least that a hit in memory can cost: a lookup in lru-cache, awaited by its caller. */
export function lruCacheLimit(source: Source): Contestant {
  const cache = new LRUCache<string, City>({ max: MAX_ENTRIES })
  const pending = new Map<string, Promise<City>>()
  const load = (key: string): Promise<City> => {
    const loading = source.load(key).then((city) => {
      cache.set(key, city)
      pending.delete(key)
      return city
    })
    pending.set(key, loading)
    return loading
  }
  return {
    name: 'limit: lru-cache get',
    package: 'lru-cache',
    source,
    hit: (key) => cache.get(key) ?? pending.get(key) ?? load(key),
    teardown: async () => {},
  }
}

/** The least that a hit in Redis can cost: one GET, pipelined by ioredis, and JSON.parse. */
export function ioredisLimit(source: Source, redisUrl: string): Contestant {
  return overClient(source, new Redis(redisUrl, { enableAutoPipelining: true }))
}

/** The least that many hits in Redis can cost: one MGET, and JSON.parse for each. */
export function ioredisBulkLimit(source: Source, redisUrl: string): BulkContestant {
  const redis = new Redis(redisUrl)
  return {
    ...overClient(source, redis),
    name: 'limit: ioredis MGET + JSON.parse',
    hitMany: async (keys) => {
      const texts = await redis.mget(keys.map((key) => `limit:${key}`))
      return texts.map((text) => (text === null ? null : (JSON.parse(text) as City)))
    },
  }
}

function overClient(source: Source, redis: Redis): Contestant {
  const load = async (key: string): Promise<City> => {
    const city = await source.load(key)
    await redis.set(`limit:${key}`, JSON.stringify(city), 'PX', TTL_MS)
    return city
  }
  return {
    name: 'limit: ioredis GET + JSON.parse',
    package: 'ioredis',
    source,
    hit: (key) =>
      redis
        .get(`limit:${key}`)
        .then((text) => (text === null ? load(key) : (JSON.parse(text) as City))),
    teardown: async () => redis.disconnect(),
  }
}
