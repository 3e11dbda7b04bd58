import type { Cache } from '@hotpath/core'
import type { Queryable } from './database.ts'

const names = new Intl.DisplayNames('en', { type: 'region' })

/**
 * The codes of the countries that have places.
 *
 * Data caching, beside the caching of whole responses: the list never changes here, and finding it
 * takes a look at every row.
 */
export function listCountries(db: Queryable, cache: Cache): Promise<readonly string[]> {
  return cache.getOrSet('countries', () => findCountries(db), { ttl: '1h' })
}

/** What English calls it, or else its code. */
export function nameCountry(code: string): string {
  return names.of(code) ?? code
}

async function findCountries(db: Queryable): Promise<string[]> {
  const { rows } = await db.query<{ country: string }>(
    'SELECT DISTINCT country FROM cities ORDER BY country',
  )
  return rows.map((row) => row.country)
}
