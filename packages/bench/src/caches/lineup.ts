import type { BulkContestant, Contestant } from './contestant.ts'
import {
  asyncCacheDedupeInMemory,
  asyncCacheDedupeOnRedis,
} from './contestants/async-cache-dedupe.ts'
import { bentocacheInMemory, bentocacheOnRedis } from './contestants/bentocache.ts'
import { cacheManagerInMemory, cacheManagerOnRedis } from './contestants/cache-manager.ts'
import { cacheableInMemory, cacheableOnRedis } from './contestants/cacheable.ts'
import {
  hotpathGetMany,
  hotpathGetOrSetMany,
  hotpathGetOrSetManyCold,
  hotpathInMemory,
  hotpathOnRedis,
} from './contestants/hotpath.ts'
import {
  layeredLoaderBulk,
  layeredLoaderInMemory,
  layeredLoaderOnRedis,
} from './contestants/layered-loader.ts'
import { ioredisBulkLimit, ioredisLimit, lruCacheLimit } from './contestants/limits.ts'
import { createSource } from './source.ts'

/** Everybody in memory, the limit first, each before a source of its own. */
export function createMemoryLineup({ takesTime }: { takesTime: boolean }): Contestant[] {
  return [
    lruCacheLimit,
    hotpathInMemory,
    layeredLoaderInMemory,
    asyncCacheDedupeInMemory,
    cacheManagerInMemory,
    cacheableInMemory,
    bentocacheInMemory,
  ].map((create) => create(createSource({ takesTime })))
}

/** Everybody on Redis alone, the limit first, each before a source of its own. */
export function createRedisLineup(redisUrl: string): Contestant[] {
  return [
    ioredisLimit,
    hotpathOnRedis,
    layeredLoaderOnRedis,
    asyncCacheDedupeOnRedis,
    cacheManagerOnRedis,
    cacheableOnRedis,
    bentocacheOnRedis,
  ].map((create) => create(createSource({ takesTime: false }), redisUrl))
}

/** Those who read many keys in one call, on Redis, the limit first. */
export function createBulkLineup(redisUrl: string): BulkContestant[] {
  return [
    ioredisBulkLimit,
    hotpathGetMany,
    hotpathGetOrSetMany,
    hotpathGetOrSetManyCold,
    layeredLoaderBulk,
    cacheManagerOnRedis,
    cacheableOnRedis,
  ].map((create) => create(createSource({ takesTime: false }), redisUrl))
}
