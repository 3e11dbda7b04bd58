import { createCache, type RedisInput, type RedisLink } from '@hotpath/core'
import type { CoherentCache, OpenSettings, Versioned } from '@hotpath/testing/coherence'

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
    getOrSet: ({ key, ttlMs, tags }, load) => {
      // Half of the tags are told by the loader, after it has loaded.
      if (/[048]$/.test(key)) {
        const loadAndTag = async (ctx: {
          addTags(...tags: string[]): void
        }): Promise<Versioned> => {
          const value = await load()
          ctx.addTags(...tags)
          return value
        }
        return cache.getOrSet(key, loadAndTag, { ttl: ttlMs })
      }
      return cache.getOrSet(key, load, { ttl: ttlMs, tags })
    },
    get: (key) => cache.get(key),
    getMany: (keys) => cache.getMany(keys),
    set: ({ key, ttlMs, tags }, value) => cache.set(key, value, { ttl: ttlMs, tags }),
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
