import type { Cache } from '@hotpath/core'
import { USERS } from '../api/users.ts'
import { listLargest } from '../data/cities.ts'
import { listCountries, nameCountry } from '../data/countries.ts'
import type { Database } from '../data/database.ts'

/** What the page wants to know before it asks for anything. */
export interface Facts {
  database: string
  redis: boolean
  /** Who can log in. */
  users: readonly string[]
  countries: { code: string; name: string }[]
  /** The largest cities, to choose from. */
  places: { id: number; label: string; lat: number; lon: number }[]
}

export async function readFacts(database: Database, cache: Cache, redis: boolean): Promise<Facts> {
  const countries = (await listCountries(database, cache)).map((code) => ({
    code,
    name: nameCountry(code),
  }))
  const places = await listLargest(database, 300)
  return {
    database: database.name,
    redis,
    users: USERS,
    countries: countries.sort((a, b) => a.name.localeCompare(b.name, 'en')),
    places: places.map(({ id, name, country, lat, lon }) => {
      return { id, label: `${name}, ${nameCountry(country)}`, lat, lon }
    }),
  }
}
