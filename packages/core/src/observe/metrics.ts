import type { CacheHealth, CacheStats } from '../cache/observing-types.ts'

/** What a metric says at one moment: a number for each value of its label, or one alone. */
export interface Sample {
  /** One of a few words that are known beforehand; never a key or a tag. */
  readonly label?: string
  readonly value: number
}

/** One metric of a cache, as every system of metrics is told of it. */
export interface Metric {
  /** In OpenTelemetry's way: words joined by dots, no unit. */
  readonly name: string
  readonly help: string
  /** `counter` only grows; of `level` the sum over processes means something, of `flag` it does not. */
  readonly kind: 'counter' | 'level' | 'flag'
  /** By the Unified Code for Units of Measure, as OpenTelemetry wants it. */
  readonly unit: string
  /** What its samples differ by, besides the cache. */
  readonly label?: 'tier' | 'kind' | 'operation'
  read(stats: CacheStats, health: CacheHealth): readonly Sample[]
}

type Count = { [K in keyof CacheStats]: CacheStats[K] extends number ? K : never }[keyof CacheStats]

function counter(name: string, count: Count, unit: string, help: string): Metric {
  return { name, help, unit, kind: 'counter', read: (stats) => [{ value: stats[count] }] }
}

function level(name: string, count: Count, unit: string, help: string): Metric {
  return { name, help, unit, kind: 'level', read: (stats) => [{ value: stats[count] }] }
}

const HITS: Metric = {
  name: 'hits',
  help: 'Answers from fresh entries',
  unit: '{hit}',
  kind: 'counter',
  label: 'tier',
  read: ({ memoryHits, redisHits }) => [
    { label: 'memory', value: memoryHits },
    { label: 'redis', value: redisHits },
  ],
}

const INVALIDATIONS: Metric = {
  name: 'invalidations',
  help: 'Keys and tags invalidated by this process, and calls of clear()',
  unit: '{invalidation}',
  kind: 'counter',
  label: 'kind',
  read: ({ deletes, expires, tagDeletes, tagExpires, clears }) => [
    { label: 'delete', value: deletes },
    { label: 'expire', value: expires },
    { label: 'delete_tag', value: tagDeletes },
    { label: 'expire_tag', value: tagExpires },
    { label: 'clear', value: clears },
  ],
}

const STORE_ERRORS: Metric = {
  name: 'store.errors',
  help: 'Commands to Redis that failed; no call failed with them',
  unit: '{error}',
  kind: 'counter',
  label: 'operation',
  read: ({ storeErrorsByOperation }) =>
    Object.entries(storeErrorsByOperation).map(([label, value]) => ({ label, value })),
}

const REDIS_UP: Metric = {
  name: 'redis.up',
  help: 'Whether Redis can be used; absent without Redis',
  unit: '1',
  kind: 'flag',
  read: (_, { redis }) => flag(redis === 'absent' ? undefined : redis === 'up'),
}

const COHERENCE_ARMED: Metric = {
  name: 'coherence.armed',
  help: 'Whether memory hears of other processes’ writes; absent where it need not',
  unit: '1',
  kind: 'flag',
  read: (_, { coherence }) => flag(coherence === 'off' ? undefined : coherence === 'armed'),
}

const QUEUED: Metric = {
  name: 'queued_invalidations',
  help: 'Invalidations that Redis has not heard of yet',
  unit: '{invalidation}',
  kind: 'level',
  read: (_, { queuedInvalidations }) => [{ value: queuedInvalidations }],
}

const ACTIVE_LOADS: Metric = {
  name: 'load.active',
  help: 'Keys that are being loaded',
  unit: '{load}',
  kind: 'level',
  read: (_, { loads }) => [{ value: loads.underWay }],
}

const WAITING_LOADS: Metric = {
  name: 'load.waiting',
  help: 'Loads that wait for another process (lease), or for their turn after an outage (turn)',
  unit: '{load}',
  kind: 'level',
  label: 'kind',
  read: (_, { loads }) => [
    { label: 'lease', value: loads.waitingForLease },
    { label: 'turn', value: loads.heldBack },
  ],
}

/** All that is read when metrics are collected; nothing of it costs a hit anything. */
export const METRICS: readonly Metric[] = [
  HITS,
  counter('stale_hits', 'staleHits', '{hit}', 'Answers from stale entries'),
  counter('misses', 'misses', '{miss}', 'Calls that found nothing usable'),
  counter('coalesced', 'coalesced', '{call}', 'Calls that waited for a load of another call'),
  counter('loads', 'loads', '{load}', 'Calls of loaders'),
  counter('load.errors', 'loadErrors', '{error}', 'Loads that failed'),
  counter('lease.waits', 'leaseWaits', '{load}', 'Loads that waited for another process'),
  counter('sets', 'sets', '{set}', 'Values written by set()'),
  INVALIDATIONS,
  counter('refused_fills', 'refusedFills', '{load}', 'Loads that an invalidation has overtaken'),
  counter('rejected', 'rejected', '{value}', 'Values from Redis that did not fit their schema'),
  counter('corrupted', 'corrupted', '{entry}', 'Entries in Redis that could not be read'),
  STORE_ERRORS,
  counter('evictions', 'evictions', '{entry}', 'Entries that left memory for want of room'),
  level('memory.entries', 'memoryEntries', '{entry}', 'Entries in memory'),
  level('memory.usage', 'memoryBytes', 'By', 'About what the entries in memory take'),
  REDIS_UP,
  COHERENCE_ARMED,
  QUEUED,
  ACTIVE_LOADS,
  WAITING_LOADS,
]

/** The one that is fed by events, one for each load. */
export const LOAD_DURATION = {
  name: 'load.duration',
  help: 'How long loaders took that gave a value',
  unit: 's',
  buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
} as const

function flag(isSet: boolean | undefined): Sample[] {
  return isSet === undefined ? [] : [{ value: isSet ? 1 : 0 }]
}
