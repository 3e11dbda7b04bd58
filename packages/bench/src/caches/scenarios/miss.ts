import { requireEqual } from '../laps.ts'
import { createMemoryLineup } from '../lineup.ts'
import type { Scenario } from '../scenario.ts'

const MISSES_PER_LAP = 1_000

/** One caller reads keys that nobody has read before: each is loaded and stored. */
export function memoryMiss(): Scenario {
  let serial = 0
  let callsBefore = 0
  return {
    title: 'Miss: load and store in memory, one caller',
    unit: 'ns per miss',
    contestants: createMemoryLineup({ takesTime: false }),
    operationsPerLap: MISSES_PER_LAP,
    prepare: async () => {},
    run: async ({ hit, source }, laps) => {
      callsBefore = source.calls
      for (let index = 0; index < laps * MISSES_PER_LAP; index += 1) {
        const city = await hit(`miss:${serial}`)
        if (city?.id !== serial % 1_000) throw new Error(`A wrong answer to miss:${serial}`)
        serial += 1
      }
    },
    check: async ({ name, source }, laps) =>
      requireEqual(`${name}: loads`, source.calls - callsBefore, laps * MISSES_PER_LAP),
  }
}
