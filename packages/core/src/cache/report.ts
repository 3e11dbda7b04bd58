import { type CacheState, readableRedis, type Trust } from './state.ts'
import type { CacheHealth, CacheStats } from './types.ts'

/** What `cache.stats()` answers. */
export function statsOf({ counts, tally, memory }: CacheState): CacheStats {
  return {
    ...counts,
    storeErrorsByOperation: { ...tally.storeErrorsBy },
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
    breaker: redis === undefined ? 'absent' : redis.link.isUsable ? 'closed' : 'open',
    coherence: coherenceOf(state.trust),
    queuedInvalidations: redis?.journal.size ?? 0,
    loads: {
      underWay: state.flights.size,
      waitingForLease: state.wakeUps.size,
      heldBack: state.pacing.waiting,
    },
    memory: { entries: memory?.size ?? 0, bytes: memory?.bytes ?? 0 },
  }
}

function coherenceOf({ isNeeded, isHearing }: Trust): CacheHealth['coherence'] {
  if (!isNeeded) return 'off'
  return isHearing ? 'armed' : 'lost'
}
