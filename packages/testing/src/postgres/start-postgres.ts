import { startFromFirst } from '../sources/start-from-first.ts'
import type { PostgresServer, StartPostgresOptions } from './postgres-server.ts'
import { postgresFromBinary } from './sources/binary.ts'
import { postgresFromDocker } from './sources/docker.ts'
import { postgresFromPackage } from './sources/package.ts'
import { postgresFromPGlite } from './sources/pglite.ts'
import { postgresFromUrl } from './sources/url.ts'

const SOURCES = [
  postgresFromUrl,
  postgresFromDocker,
  postgresFromBinary,
  postgresFromPackage,
  postgresFromPGlite,
]

const ADVICE =
  'Found no PostgreSQL for the tests. Install one (apt install postgresql, brew install ' +
  'postgresql), start Docker, or set HOTPATH_TEST_POSTGRES_URL.'

/**
 * Gives a real PostgreSQL: the one of `HOTPATH_TEST_POSTGRES_URL`; a container where Docker
 * answers; the `postgres` that is installed; on Debian and Ubuntu the distribution's package,
 * unpacked into node_modules/.cache/hotpath without installing anything; PGlite.
 *
 * All but the first hold an empty database, listen on 127.0.0.1 for the user `postgres` without
 * a password, and end with this process at the latest, even if it is killed.
 *
 * @throws AggregateError that says what was tried and what to install
 *
 * @example
 * const server = await startPostgres()
 * const pool = new pg.Pool({ connectionString: server.url })
 * await pool.end()
 * await server.stop()
 */
export async function startPostgres(options: StartPostgresOptions = {}): Promise<PostgresServer> {
  const { source } = options
  const sources = SOURCES.filter(({ name }) => source === undefined || name === source)
  return await startFromFirst(sources, options, ADVICE)
}
