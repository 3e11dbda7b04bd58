import { BentoCache, bentostore } from 'bentocache'
import { memoryDriver } from 'bentocache/drivers/memory'
import { redisDriver } from 'bentocache/drivers/redis'
import { type Contestant, MAX_ENTRIES, TTL_MS } from '../contestant.ts'
import type { Source } from '../source.ts'

export function bentocacheInMemory(source: Source): Contestant {
  return overStore(source, bentostore().useL1Layer(memoryDriver({ maxItems: MAX_ENTRIES })))
}

export function bentocacheOnRedis(source: Source, redisUrl: string): Contestant {
  const { hostname, port } = new URL(redisUrl)
  const connection = { host: hostname, port: Number(port), enableAutoPipelining: true }
  return overStore(source, bentostore().useL2Layer(redisDriver({ connection })))
}

function overStore(source: Source, store: ReturnType<typeof bentostore>): Contestant {
  const cache = new BentoCache({ default: 'cities', stores: { cities: store }, ttl: TTL_MS })
  return {
    name: 'bentocache',
    package: 'bentocache',
    source,
    hit: (key) => cache.getOrSet({ key, factory: () => source.load(key) }),
    teardown: () => cache.disconnectAll(),
  }
}
