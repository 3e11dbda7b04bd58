import { createCache, type RedisInput, type RedisLink } from '@hotpath/core'
import type { CoherentCache, KeyTraits, OpenSettings, Versioned } from '@hotpath/testing/coherence'

/**
 * Ours, as the checker uses it. `redis` is a URL, or a link that does something amiss and stands
 * before `owned`, which ends with the cache.
 */
export function openHotpath(
  { namespace, graceMs, leaseTimeoutMs, maxEntries, declare }: OpenSettings,
  redis: RedisInput,
  owned?: RedisLink,
): CoherentCache {
  const cache = createCache({
    redis,
    namespace,
    memory: { maxEntries },
    coherenceGrace: graceMs,
    leaseTimeout: leaseTimeoutMs,
  })
  cache.on('coherence', ({ isArmed }) => declare({ kind: 'hearing', isHearing: isArmed }))
  cache.on('state', (change) => declare({ kind: 'link', isUp: change.redis === 'up' }))
  return {
    getOrSet: ({ key, ttlMs, tag }, load) => {
      // Half of the tags are told by the loader, after it has loaded.
      if (key.endsWith('1') || key.endsWith('3')) {
        const loadAndTag = async (ctx: { addTags(tag: string): void }): Promise<Versioned> => {
          const value = await load()
          ctx.addTags(tag)
          return value
        }
        return cache.getOrSet(key, loadAndTag, { ttl: ttlMs })
      }
      return cache.getOrSet(key, load, { ttl: ttlMs, tags: [tag] })
    },
    get: (key) => cache.get(key),
    getMany: (keys) => cache.getMany(keys),
    set: ({ key, ttlMs, tag }: KeyTraits, value) =>
      cache.set(key, value, { ttl: ttlMs, tags: [tag] }),
    delete: async (key) => (await cache.delete(key)).applied,
    deleteByTag: async (tag) => (await cache.deleteByTag(tag)).applied,
    expire: async (key) => (await cache.expire(key)).applied,
    clear: async () => (await cache.clear()).applied,
    queued: () => cache.health().queuedInvalidations,
    close: async () => {
      await cache.close()
      await owned?.close()
    },
  }
}
