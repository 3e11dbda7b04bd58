import type { Redis } from 'ioredis'
import { CITY_COUNT } from '../city.ts'
import type { BulkContestant } from '../contestant.ts'
import { readConcurrently, readInBulk } from '../laps.ts'
import { createBulkLineup } from '../lineup.ts'
import { RedisWitness } from '../redis-witness.ts'
import type { Scenario } from '../scenario.ts'

/** One caller reads 1,000 keys that are all in Redis and nowhere else, `size` of them in each call. */
export function redisBulk(
  redisUrl: string,
  observer: Redis,
  size: number,
): Scenario<BulkContestant> {
  const witness = new RedisWitness(observer)
  return {
    title: `Redis bulk: 1,000 keys, ${size} in a call, one caller`,
    unit: 'ns per key',
    contestants: createBulkLineup(redisUrl),
    operationsPerLap: CITY_COUNT,
    prepare: async (contestant) => {
      await readConcurrently(contestant, 1, 100)
      await witness.begin(contestant)
    },
    run: (contestant, laps) => readInBulk(contestant, laps, size),
    check: (contestant, laps) => witness.check(contestant, laps * CITY_COUNT),
  }
}
