import type { Redis } from 'ioredis'
import { CITY_COUNT } from '../city.ts'
import { readConcurrently } from '../laps.ts'
import { createRedisLineup } from '../lineup.ts'
import { RedisWitness } from '../redis-witness.ts'
import type { Scenario } from '../scenario.ts'

/** Many callers read different keys that are all in Redis and nowhere else. */
export function redisHit(redisUrl: string, observer: Redis, concurrency: number): Scenario {
  const witness = new RedisWitness(observer)
  return {
    title: `Redis hit: 1,000 keys, concurrency ${concurrency}`,
    unit: 'ns per hit',
    contestants: createRedisLineup(redisUrl),
    operationsPerLap: CITY_COUNT,
    prepare: async (contestant) => {
      await readConcurrently(contestant, 1, concurrency)
      await witness.begin(contestant)
    },
    run: (contestant, laps) => readConcurrently(contestant, laps, concurrency),
    check: (contestant, laps) => witness.check(contestant, laps * CITY_COUNT),
  }
}
