import { type Source, SourceUnavailable } from '../../sources/source.ts'
import { acceptsConnections } from '../accepts-connections.ts'
import type { PostgresServer, StartPostgresOptions } from '../postgres-server.ts'

const VARIABLE = 'HOTPATH_TEST_POSTGRES_URL'

/** The server that the environment names. That it does not answer is an error: somebody meant it. */
export const postgresFromUrl: Source<'url', StartPostgresOptions, PostgresServer> = {
  name: 'url',
  async start({ config }) {
    const url = process.env[VARIABLE]
    if (!url) throw new SourceUnavailable(`${VARIABLE}: not set`)
    if (config) throw new SourceUnavailable(`${VARIABLE}: its config is not ours`, 'options')
    const { hostname: host, port: named } = new URL(url)
    const port = Number(named || 5432)
    if (!(await acceptsConnections(host, port))) {
      throw new Error(`${VARIABLE} is set to ${url}, where no PostgreSQL answers`)
    }
    return { url, host, port, source: 'url', stop: async () => {} }
  },
}
