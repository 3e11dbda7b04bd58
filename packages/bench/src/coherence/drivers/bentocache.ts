import type { Applied, Driver, Versioned } from '@hotpath/testing/coherence'
import { BentoCache, bentostore } from 'bentocache'
import { memoryDriver } from 'bentocache/drivers/memory'
import { redisBusDriver, redisDriver } from 'bentocache/drivers/redis'

/** bentocache with memory, Redis, and its bus between processes. */
export const driver: Driver = {
  name: 'bentocache',
  declares: false,
  open: ({ redisUrl, namespace, maxEntries }) => {
    const { hostname: host, port } = new URL(redisUrl)
    const connection = { host, port: Number(port) }
    const store = bentostore({ prefix: namespace })
      .useL1Layer(memoryDriver({ maxItems: maxEntries }))
      .useL2Layer(redisDriver({ connection }))
      .useBus(redisBusDriver({ connection }))
    const cache = new BentoCache({ default: 'versions', stores: { versions: store } })
    const get = (key: string): Promise<Versioned | undefined> => cache.get({ key })
    return {
      getOrSet: ({ key, ttlMs, tags }, load) =>
        cache.getOrSet({ key, factory: load, ttl: ttlMs, tags: [...tags] }),
      get,
      getMany: (keys) => Promise.all(keys.map(get)),
      set: async ({ key, ttlMs, tags }, value) => {
        await cache.set({ key, value, ttl: ttlMs, tags: [...tags] })
      },
      delete: (key) => isApplied(cache.delete({ key, suppressL2Errors: false })),
      deleteByTag: (tag) => isApplied(cache.deleteByTag({ tags: [tag], suppressL2Errors: false })),
      expire: (key) => isApplied(cache.expire({ key, suppressL2Errors: false })),
      clear: () => isApplied(cache.clear({ suppressL2Errors: false })),
      close: () => cache.disconnectAll(),
    }
  },
}

/** What it says to have failed, nobody is held to. */
async function isApplied(invalidation: Promise<unknown>): Promise<Applied> {
  try {
    await invalidation
    return 'everywhere'
  } catch {
    return 'local'
  }
}
