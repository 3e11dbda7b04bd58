import { nameCountry } from './countries.ts'
import type { Queryable } from './database.ts'

/** What a country's places look like as a whole. */
export interface CountrySummary {
  country: string
  name: string
  places: number
  population: number
  /** Inhabitants of the place at each percentile. */
  percentiles: { p10: number; p50: number; p90: number; p99: number }
  /** 0 when all places are equally large, towards 1 when one holds nearly everybody; null when nobody lives there. */
  gini: number | null
  largest: { id: number; name: string; population: number }[]
  regions: { region: string; places: number; population: number; largest: string }[]
  /** How far the 200 largest places are from the nearest other one of them; null where there is one place. */
  spacing: { medianKm: number; mostRemote: { id: number; name: string; km: number } } | null
}

/**
 * The slow query of this example: it ranks, sorts and groups every place of a country, and compares
 * each of the 200 largest with all the others. No index spares it that work.
 */
const SUMMARY = `
WITH places AS MATERIALIZED (
  SELECT id, name, region, population, lat, lon,
    row_number() OVER (ORDER BY population DESC, id) AS rank
  FROM cities WHERE country = $1
),
totals AS (
  SELECT count(*)::int AS places,
    coalesce(sum(population), 0)::float8 AS population,
    percentile_cont(ARRAY[0.1, 0.5, 0.9, 0.99]) WITHIN GROUP (ORDER BY population) AS p,
    1 + 1 / nullif(count(*), 0)::float8
      - 2 * sum(rank * population::float8) / nullif(count(*) * sum(population::float8), 0) AS gini
  FROM places
),
regions AS (
  SELECT region, count(*)::int AS places, sum(population)::float8 AS population,
    (array_agg(name ORDER BY rank))[1] AS largest
  FROM places GROUP BY region
),
towns AS MATERIALIZED (
  SELECT id, name, cos(radians(lat)) * cos(radians(lon)) AS x,
    cos(radians(lat)) * sin(radians(lon)) AS y, sin(radians(lat)) AS z
  FROM places ORDER BY rank LIMIT 200
),
nearest AS (
  SELECT a.id, a.name,
    12742 * asin(min(sqrt((a.x - b.x) ^ 2 + (a.y - b.y) ^ 2 + (a.z - b.z) ^ 2)) / 2) AS km
  FROM towns a JOIN towns b ON a.id <> b.id
  GROUP BY a.id, a.name
)
SELECT totals.places, totals.population, totals.gini,
  json_build_object('p10', p[1], 'p50', p[2], 'p90', p[3], 'p99', p[4]) AS percentiles,
  (SELECT json_agg(top ORDER BY population DESC, id)
    FROM (SELECT id, name, population FROM places ORDER BY rank LIMIT 5) AS top) AS largest,
  (SELECT json_agg(regions ORDER BY population DESC, region) FROM regions) AS regions,
  (SELECT json_build_object(
      'medianKm', percentile_cont(0.5) WITHIN GROUP (ORDER BY km),
      'mostRemote', (SELECT json_build_object('id', id, 'name', name, 'km', km)
        FROM nearest ORDER BY km DESC, id LIMIT 1))
    FROM nearest HAVING count(*) > 0) AS spacing
FROM totals`

/** `country` must be one that has places. */
export async function summarizeCountry(db: Queryable, country: string): Promise<CountrySummary> {
  const { rows } = await db.query<Omit<CountrySummary, 'country' | 'name'>>(SUMMARY, [country])
  const [summary] = rows
  if (summary === undefined) throw new Error(`There is no place in ${country}`)
  return { country, name: nameCountry(country), ...summary }
}
