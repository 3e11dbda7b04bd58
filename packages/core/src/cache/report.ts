import { type CacheState, readableRedis } from './state.ts'
import type { CacheHealth, CacheStats } from './types.ts'

/** What `cache.stats()` answers. */
export function statsOf({ counts, memory }: CacheState): CacheStats {
  return {
    ...counts,
    evictions: memory?.evictions ?? 0,
    memoryEntries: memory?.size ?? 0,
    memoryBytes: memory?.bytes ?? 0,
  }
}

/** What `cache.health()` answers. */
export function healthOf(state: CacheState): CacheHealth {
  const { redis, memory } = state
  const isDegraded = redis !== undefined && readableRedis(state) === undefined
  return {
    status: isDegraded ? 'degraded' : 'ok',
    redis: redis?.link.state ?? 'absent',
    queuedInvalidations: redis?.journal.size ?? 0,
    memory: { entries: memory?.size ?? 0, bytes: memory?.bytes ?? 0 },
  }
}
