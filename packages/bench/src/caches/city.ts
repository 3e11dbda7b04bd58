/** What is cached: a row of a database, small and flat. */
export interface City {
  readonly id: number
  readonly name: string
  readonly country: string
  readonly region: string
  readonly population: number
  readonly latitude: number
  readonly longitude: number
  readonly elevation: number
  readonly timezone: string
  readonly updatedAt: string
}

export const CITY_COUNT = 1_000

/** A city of its own for each number, the same in every run. */
export function createCity(id: number): City {
  return {
    id,
    name: `City of number ${id}`,
    country: 'FR',
    region: `Region ${id % 13}`,
    population: 1_000 + id * 37,
    latitude: 43 + (id % 700) / 100,
    longitude: -4 + (id % 1_200) / 100,
    elevation: id % 900,
    timezone: 'Europe/Paris',
    updatedAt: '2026-01-31T12:00:00.000Z',
  }
}

/** The keys of all cities, in an order that is neither sorted nor random: 7 and 1,000 share no factor. */
export const CITY_KEYS: readonly string[] = Array.from(
  { length: CITY_COUNT },
  (_, index) => `city:${(index * 7) % CITY_COUNT}`,
)

/** What the populations of all cities come to: whoever gives other answers gives another sum. */
export const TOTAL_POPULATION: number = Array.from(
  { length: CITY_COUNT },
  (_, id) => createCity(id).population,
).reduce((sum, population) => sum + population)
