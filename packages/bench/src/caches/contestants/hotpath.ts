import { createCache } from '@hotpath/core'
import { type Contestant, MAX_ENTRIES, TTL_MS } from '../contestant.ts'
import type { Source } from '../source.ts'

type Options = Parameters<typeof createCache>[0]

/** Ours, in memory only. */
export function hotpathInMemory(source: Source): Contestant {
  return overCache(source, { ttl: TTL_MS, memory: { maxEntries: MAX_ENTRIES } })
}

/** Ours, with every read going to Redis. */
export function hotpathOnRedis(source: Source, redisUrl: string): Contestant {
  return overCache(source, { ttl: TTL_MS, memory: false, redis: redisUrl, namespace: 'bench' })
}

function overCache(source: Source, options: Options): Contestant {
  const cache = createCache(options)
  const load = ({ key }: { key: string }) => source.load(key)
  return {
    name: 'hotpath',
    package: '@hotpath/core',
    source,
    hit: (key) => cache.getOrSet(key, load),
    teardown: () => cache.close(),
  }
}
