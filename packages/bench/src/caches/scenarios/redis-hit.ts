import type { Redis } from 'ioredis'
import { CITY_COUNT } from '../city.ts'
import type { Contestant } from '../contestant.ts'
import { readConcurrently, requireEqual } from '../laps.ts'
import { createRedisLineup } from '../lineup.ts'
import { countKeyspaceHits } from '../redis-server.ts'
import type { Scenario } from '../scenario.ts'

/** Many callers read different keys that are all in Redis and nowhere else. */
export function redisHit(redisUrl: string, observer: Redis, concurrency: number): Scenario {
  let hitsBefore = 0
  const callsBefore = new Map<Contestant, number>()
  return {
    title: `Redis hit: 1,000 keys, concurrency ${concurrency}`,
    unit: 'ns per hit',
    contestants: createRedisLineup(redisUrl),
    operationsPerLap: CITY_COUNT,
    prepare: async (contestant) => {
      await readConcurrently(contestant, 1, concurrency)
      hitsBefore = await countKeyspaceHits(observer)
      callsBefore.set(contestant, contestant.source.calls)
    },
    run: (contestant, laps) => readConcurrently(contestant, laps, concurrency),
    check: async (contestant, laps) => {
      const { name, source } = contestant
      requireEqual(`${name}: loads`, source.calls, callsBefore.get(contestant) as number)
      const hits = await countKeyspaceHits(observer)
      const found = hits - hitsBefore
      hitsBefore = hits
      if (found < laps * CITY_COUNT) {
        throw new Error(`${name}: Redis found ${found} keys for ${laps * CITY_COUNT} reads`)
      }
    },
  }
}
