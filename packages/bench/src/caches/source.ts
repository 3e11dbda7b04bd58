import { setImmediate } from 'node:timers/promises'
import { CITY_COUNT, type City, createCity } from './city.ts'

/** What the caches are in front of. It counts its calls, so that a hit can be told from a miss. */
export interface Source {
  load(key: string): Promise<City>
  readonly calls: number
}

/**
 * The row of a key such as `city:7` or `miss:123456`; the numbers begin anew every 1,000.
 *
 * A source that takes its time answers in a later turn of the event loop.
 */
export function createSource({ takesTime }: { takesTime: boolean }): Source {
  const cities = Array.from({ length: CITY_COUNT }, (_, id) => createCity(id))
  let calls = 0
  const load = async (key: string): Promise<City> => {
    calls += 1
    if (takesTime) await setImmediate()
    return cities[Number(key.slice(key.indexOf(':') + 1)) % CITY_COUNT] as City
  }
  return {
    load,
    get calls() {
      return calls
    },
  }
}
