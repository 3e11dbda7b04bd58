import { type Cache, createCache, type RedisLink } from '@hotpath/core'
import type { Database } from '../data/database.ts'
import { summarizeCountry } from '../data/summary.ts'

/** Median milliseconds of one answer. */
export interface Measured {
  uncachedMs: number
  /** `undefined` without a Redis that answers. */
  redisMs: number | undefined
  memoryMs: number
}

const ROUNDS = 7
const REDIS_HITS = 100
const MEMORY_HITS = 10_000
const BUDGET_MS = 100

/**
 * Times the summary's query as it is and through `getOrSet`, from Redis and from memory.
 *
 * The three take turns, so that a busy moment of the machine falls on all of them.
 */
export async function measureSummary(
  db: Database,
  cache: Cache,
  link: RedisLink | undefined,
): Promise<Measured> {
  const load = () => summarizeCountry(db, 'FR')
  const memory = cache.namespace('measure')
  const redis =
    link?.state === 'up'
      ? createCache({ redis: link, memory: false, namespace: 'hotpath-cities-measure' })
      : undefined
  const rounds = { uncached: [] as number[], redis: [] as number[], memory: [] as number[] }

  await memory.getOrSet('FR', load)
  await redis?.getOrSet('FR', load)
  for (let round = 0; round < ROUNDS; round++) {
    rounds.uncached.push(await timeEach(1, load))
    if (redis !== undefined)
      rounds.redis.push(await timeEach(REDIS_HITS, () => redis.getOrSet('FR', load)))
    rounds.memory.push(await timeEach(MEMORY_HITS, () => memory.getOrSet('FR', load)))
  }
  await redis?.close()
  return {
    uncachedMs: median(rounds.uncached),
    redisMs: redis === undefined ? undefined : median(rounds.redis),
    memoryMs: median(rounds.memory),
  }
}

/** Mean milliseconds of up to `atMost` answers one after another; fewer where they are slow. */
async function timeEach(atMost: number, ask: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  let asked = 0
  do await ask()
  while (++asked < atMost && performance.now() - start < BUDGET_MS)
  return (performance.now() - start) / asked
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN
}
