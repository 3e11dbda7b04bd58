import { CITY_COUNT } from '../city.ts'
import { readInSequence, requireEqual } from '../laps.ts'
import { createMemoryLineup } from '../lineup.ts'
import type { Scenario } from '../scenario.ts'

/** One caller reads 1,000 keys that are all in memory, awaiting each. */
export function memoryHit(): Scenario {
  return {
    title: 'Memory hit: 1,000 keys, one caller',
    unit: 'ns per hit',
    contestants: createMemoryLineup({ takesTime: false }),
    operationsPerLap: CITY_COUNT,
    prepare: (contestant) => readInSequence(contestant, 1),
    run: readInSequence,
    check: async ({ name, source }) => requireEqual(`${name}: loads`, source.calls, CITY_COUNT),
  }
}
