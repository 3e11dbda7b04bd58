import { CITY_KEYS, TOTAL_POPULATION } from './city.ts'
import type { BulkContestant, Contestant } from './contestant.ts'

/** Reads every city once per lap, one after the other. Throws if any answer was wrong. */
export async function readInSequence({ name, hit }: Contestant, laps: number): Promise<void> {
  let population = 0
  for (let lap = 0; lap < laps; lap += 1) {
    for (let index = 0; index < CITY_KEYS.length; index += 1) {
      const city = await hit(CITY_KEYS[index] as string)
      population += city?.population ?? Number.NaN
    }
  }
  requireEqual(`${name}: sum of populations`, population, laps * TOTAL_POPULATION)
}

/** The same by as many readers at once as `concurrency`, each on a key of its own. */
export async function readConcurrently(
  { name, hit }: Contestant,
  laps: number,
  concurrency: number,
): Promise<void> {
  const count = laps * CITY_KEYS.length
  let population = 0
  let next = 0
  const read = async (): Promise<void> => {
    while (next < count) {
      const key = CITY_KEYS[next % CITY_KEYS.length] as string
      next += 1
      const city = await hit(key)
      population += city?.population ?? Number.NaN
    }
  }
  await Promise.all(Array.from({ length: concurrency }, read))
  requireEqual(`${name}: sum of populations`, population, laps * TOTAL_POPULATION)
}

/** Reads every city once per lap, `size` of them in a call, one call after the other. */
export async function readInBulk(
  { name, hitMany }: BulkContestant,
  laps: number,
  size: number,
): Promise<void> {
  let population = 0
  for (let lap = 0; lap < laps; lap += 1) {
    for (let from = 0; from < CITY_KEYS.length; from += size) {
      const cities = await hitMany(CITY_KEYS.slice(from, from + size))
      for (const city of cities) population += city?.population ?? Number.NaN
    }
  }
  requireEqual(`${name}: sum of populations`, population, laps * TOTAL_POPULATION)
}

/** What is measured must be what is claimed. */
export function requireEqual(what: string, found: number, wanted: number): void {
  if (found !== wanted) throw new Error(`${what}: found ${found}, wanted ${wanted}`)
}
