import { Events } from '../base/events.ts'
import { resolveOptions } from '../base/options.ts'
import { MemoryTier } from '../memory/memory-tier.ts'
import { openLink } from '../redis/link.ts'
import { ScopedCache } from './cache.ts'
import type { Entry } from './entry.ts'
import { overrideDefaults } from './entry-options.ts'
import { Fences } from './fences.ts'
import { Fetching } from './fetching.ts'
import { Inspecting } from './inspecting.ts'
import { Interpreter } from './interpreting.ts'
import { Invalidation } from './invalidation.ts'
import { Journal } from './journal.ts'
import { KeySpace } from './keys.ts'
import { LoadHooks } from './load-hooks.ts'
import { LoadPacing } from './load-pacing.ts'
import { Loading } from './loading.ts'
import { LocalCounters } from './local-counters.ts'
import { Lookups } from './lookup.ts'
import { cacheSchema, type ParsedCacheOptions } from './options.ts'
import { RedisClock } from './redis-clock.ts'
import { RedisCounters } from './redis-counters.ts'
import { RedisTier } from './redis-tier.ts'
import { RefreshBackoff } from './refresh-backoff.ts'
import { rootScope } from './scope.ts'
import type { CacheState, RedisState } from './state.ts'
import { Tally } from './tally.ts'
import { Tracker } from './tracker.ts'
import type { Cache, CacheEvents, CacheOptions } from './types.ts'
import { Unacknowledged } from './unacknowledged.ts'
import { WakeUps } from './wake-ups.ts'
import { Writing } from './writing.ts'

const NO_DEFAULTS = {
  ttlMs: 0,
  staleWhileRevalidateMs: 0,
  staleIfErrorMs: 0,
  negativeTtlMs: undefined,
  jitter: 0,
  softTimeoutMs: undefined,
  hardTimeoutMs: undefined,
  earlyBeta: 0,
}

/**
 * Makes a cache: in process memory, and in Redis as well when `redis` is given.
 *
 * Wrong options throw `ERR_OPTION_INVALID`, naming the option, what was found and what was wanted.
 * A Redis that is away never throws: the cache starts in memory and uses Redis when it is there.
 *
 * @example
 * ```ts
 * import { createCache } from '@hotpath/core'
 *
 * const cache = createCache({ ttl: '5m' })
 * const load = async () => ({ name: 'Lyon' })
 * console.log(await cache.getOrSet('city:7', load)) // { name: 'Lyon' }
 * await cache.delete('city:7')
 * await cache.close()
 * ```
 */
export function createCache(options?: CacheOptions): Cache {
  const parsed = resolveOptions('createCache', cacheSchema, options)
  const state = createState(parsed)
  const interpreter = new Interpreter(state)
  const lookups = new Lookups(state, interpreter)
  const invalidation = new Invalidation(state, lookups)
  const fetching = new Fetching(state, lookups, new Loading(state, interpreter, invalidation))
  const writing = new Writing(state, invalidation)
  const tracker = startTracker(parsed, state, invalidation)
  const stopWatching = watchLink(state, invalidation, tracker)
  const close = async (): Promise<void> => {
    if (state.isClosed) return
    state.isClosed = true
    stopWatching()
    state.pacing.end()
    tracker?.stop()
    state.memory?.clear()
    if (state.redis?.ownsLink) await state.redis.link.close()
  }
  const scope = rootScope(overrideDefaults(NO_DEFAULTS, parsed), parsed)
  const inspecting = new Inspecting(state, new KeySpace(parsed.namespace))
  const instruments = { namespace: parsed.namespace, loads: state.loadHooks }
  const parts = { state, lookups, fetching, writing, invalidation, inspecting, instruments, close }
  return new ScopedCache(parts, scope)
}

function createState(parsed: ParsedCacheOptions): CacheState {
  const { clock, random } = parsed
  const hasRedis = parsed.redis !== undefined
  const local = new LocalCounters(random, hasRedis)
  const about = { namespace: parsed.namespace }
  const events = new Events<CacheEvents>({ prefix: 'hotpath:cache', about })
  const tally = new Tally(events)
  const instance = random.token(8)
  return {
    namespace: parsed.namespace,
    instance,
    clock,
    random,
    memory: parsed.memory === false ? undefined : new MemoryTier<Entry>(parsed.memory),
    local,
    offline: hasRedis ? new LocalCounters(random, false) : local,
    fences: new Fences(),
    flights: new Map(),
    unleasedLoads: 0,
    events,
    tally,
    counts: tally.counts,
    redis: parsed.redis === undefined ? undefined : createRedisState(parsed, local),
    backoff: new RefreshBackoff(random),
    pacing: new LoadPacing(clock, parsed.recoveryConcurrency),
    wakeUps: new WakeUps(clock),
    loadHooks: new LoadHooks(),
    leaseTimeoutMs: parsed.leaseTimeout,
    trust: {
      // Who follows nobody has nobody to vouch for anything, ever.
      graceMs: parsed.coherence === 'none' ? Number.POSITIVE_INFINITY : parsed.coherenceGrace,
      isNeeded: hasRedis && parsed.coherence !== 'none' && parsed.memory !== false,
      isHearing: false,
      isPrompt: false,
      lostAtMs: Number.NEGATIVE_INFINITY,
      graceEndsMs: Number.POSITIVE_INFINITY,
    },
    nextToken: tokenCounter(instance),
    isClosed: false,
  }
}

function createRedisState(parsed: ParsedCacheOptions, local: LocalCounters): RedisState {
  const { clock, random, storeTimeout: storeTimeoutMs, leaseTimeout } = parsed
  const { link, isOurs } = openLink(parsed.redis as NonNullable<typeof parsed.redis>, {
    storeTimeoutMs,
    clock,
    random,
  })
  const keys = new KeySpace(parsed.namespace)
  const journal = new Journal()
  const unacknowledged = new Unacknowledged()
  const isBehind = (): boolean => journal.hasInvalidations || !unacknowledged.isEmpty
  // On a Cluster each would go to all nodes: there all must have asked for it.
  const isTold = parsed.coherence === 'pubsub' || !link.isCluster
  const channel = isTold ? link.keyPrefix + keys.channel() : ''
  return {
    link,
    ownsLink: isOurs,
    tier: new RedisTier(link, keys, new RedisClock(clock), channel, leaseTimeout),
    counters: new RedisCounters(link, keys, channel, local, isBehind, random),
    journal,
    unacknowledged,
  }
}

/** Lets memory follow what other processes write. Without Redis, or without memory, nothing to follow. */
function startTracker(
  { coherence, namespace }: ParsedCacheOptions,
  state: CacheState,
  invalidation: Invalidation,
): Tracker | undefined {
  if (!state.trust.isNeeded || state.redis === undefined) return undefined
  const keys = new KeySpace(namespace)
  const hearing = coherence === 'pubsub' ? 'pubsub' : 'tracking'
  const tracker = new Tracker(state, state.redis, keys, invalidation, hearing)
  tracker.start()
  return tracker
}

/** Follows the state of the link; returns what stops it. */
function watchLink(
  state: CacheState,
  invalidation: Invalidation,
  tracker: Tracker | undefined,
): () => void {
  if (state.redis === undefined) return () => {}
  let wasDown = false
  return state.redis.link.on('state', (change) => {
    state.events.emit('state', { redis: change.state })
    if (change.state === 'down') wasDown = true
    if (change.state !== 'up') return
    if (wasDown) state.pacing.begin()
    invalidation.endOffline()
    invalidation.replay()
    tracker?.hurry()
  })
}

/** A random name for this cache and a count: as unique as random tokens, and far cheaper. */
function tokenCounter(instance: string): () => string {
  let count = 0
  return () => {
    count += 1
    return `${instance}-${count}`
  }
}
