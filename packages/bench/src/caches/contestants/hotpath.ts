import { type Cache, createCache } from '@hotpath/core'
import type { City } from '../city.ts'
import { type BulkContestant, type Contestant, MAX_ENTRIES, TTL_MS } from '../contestant.ts'
import type { Source } from '../source.ts'

type Options = Parameters<typeof createCache>[0]

/** Others wait for as long as it takes; a busy machine is to be measured, not given up. */
const REDIS: Options = { ttl: TTL_MS, storeTimeout: '30s' }

/** Ours, in memory only. */
export function hotpathInMemory(source: Source): Contestant {
  return overCache(source, createCache({ ttl: TTL_MS, memory: { maxEntries: MAX_ENTRIES } }))
}

/** Ours, with every read going to Redis. */
export function hotpathOnRedis(source: Source, redis: string): Contestant {
  return overCache(source, createCache({ ...REDIS, redis, memory: false, namespace: 'bench' }))
}

export function hotpathGetMany(source: Source, redis: string): BulkContestant {
  const cache = createCache({ ...REDIS, redis, memory: false, namespace: 'bench-get' })
  return {
    ...overCache(source, cache),
    name: 'hotpath getMany',
    hitMany: (keys) => cache.getMany<City>(keys),
  }
}

export function hotpathGetOrSetMany(source: Source, redis: string): BulkContestant {
  const cache = createCache({ ...REDIS, redis, memory: false, namespace: 'bench-load' })
  return { ...overBulkLoads(source, cache), name: 'hotpath getOrSetMany' }
}

/** With room for one entry, so that every call pays for the memory tier and finds nothing there. */
export function hotpathGetOrSetManyCold(source: Source, redis: string): BulkContestant {
  const memory = { maxEntries: 1 }
  const cache = createCache({ ...REDIS, redis, memory, namespace: 'bench-cold' })
  return { ...overBulkLoads(source, cache), name: 'hotpath getOrSetMany, memory cold' }
}

function overBulkLoads(source: Source, cache: Cache): BulkContestant {
  const loadMissing = (keys: readonly string[]) => Promise.all(keys.map(source.load))
  return {
    ...overCache(source, cache),
    hitMany: (keys) => cache.getOrSetMany(keys, loadMissing),
  }
}

function overCache(source: Source, cache: Cache): Contestant {
  const load = ({ key }: { key: string }) => source.load(key)
  return {
    name: 'hotpath',
    package: '@hotpath/core',
    source,
    hit: (key) => cache.getOrSet(key, load),
    teardown: () => cache.close(),
  }
}
