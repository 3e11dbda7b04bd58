import { requireEqual } from '../laps.ts'
import { createMemoryLineup } from '../lineup.ts'
import type { Scenario } from '../scenario.ts'

const CALLERS = 1_000

/** 1,000 callers ask for one cold key at once: it is loaded once, and all get the answer. */
export function stampede(): Scenario {
  let serial = 0
  let callsBefore = 0
  return {
    title: 'Stampede: 1,000 concurrent callers of one cold key',
    unit: 'ns per caller',
    contestants: createMemoryLineup({ takesTime: true }),
    operationsPerLap: CALLERS,
    prepare: async () => {},
    run: async ({ hit, source }, laps) => {
      callsBefore = source.calls
      for (let lap = 0; lap < laps; lap += 1) {
        const key = `stampede:${serial}`
        const answers = await Promise.all(Array.from({ length: CALLERS }, () => hit(key)))
        const isRight = answers.every((city) => city?.id === serial % 1_000)
        if (!isRight) throw new Error(`A wrong answer to ${key}`)
        serial += 1
      }
    },
    check: async ({ name, source }, laps) =>
      requireEqual(`${name}: loads`, source.calls - callsBefore, laps),
  }
}
