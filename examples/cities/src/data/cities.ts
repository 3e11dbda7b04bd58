import type { Queryable } from './database.ts'

/** A row of the table `cities`. */
export interface City {
  id: number
  name: string
  country: string
  region: string
  population: number
  lat: number
  lon: number
}

const COLUMNS = 'id, name, country, region, population, lat, lon'

export async function findCity(db: Queryable, id: number): Promise<City | undefined> {
  const { rows } = await db.query<City>(`SELECT ${COLUMNS} FROM cities WHERE id = $1`, [id])
  return rows[0]
}

/** In the order of `ids`; without those that are not there. */
export async function findCities(db: Queryable, ids: readonly number[]): Promise<City[]> {
  const { rows } = await db.query<City>(
    `SELECT ${COLUMNS} FROM cities WHERE id = ANY($1::int[]) ORDER BY array_position($1::int[], id)`,
    [ids],
  )
  return rows
}

/** Great-circle distance from ($1, $2). Without an extension no index gives this order: every place is looked at. */
const KM = `12742 * asin(sqrt(
  sin(radians(lat - $1) / 2) ^ 2 + cos(radians($1)) * cos(radians(lat)) * sin(radians(lon - $2) / 2) ^ 2))`

export async function findCitiesNear(
  db: Queryable,
  near: { lat: number; lon: number },
  limit: number,
): Promise<(City & { km: number })[]> {
  const { rows } = await db.query<City & { km: number }>(
    `SELECT ${COLUMNS}, ${KM} AS km FROM cities ORDER BY km, id LIMIT $3`,
    [near.lat, near.lon, limit],
  )
  return rows
}

/** Commits the new population; `undefined` when there is no such city. */
export async function updatePopulation(
  db: Queryable,
  id: number,
  population: number,
): Promise<City | undefined> {
  const { rows } = await db.query<City>(
    `UPDATE cities SET population = $2 WHERE id = $1 RETURNING ${COLUMNS}`,
    [id, population],
  )
  return rows[0]
}

export async function listLargest(db: Queryable, limit: number): Promise<City[]> {
  const { rows } = await db.query<City>(
    `SELECT ${COLUMNS} FROM cities ORDER BY population DESC, id LIMIT $1`,
    [limit],
  )
  return rows
}
