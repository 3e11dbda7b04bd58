import { type Source, SourceUnavailable } from '../../sources/source.ts'
import type { PostgresServer, StartPostgresOptions } from '../postgres-server.ts'

/** PostgreSQL compiled to WebAssembly, in this process, behind a socket for ordinary clients. */
export const postgresFromPGlite: Source<'pglite', StartPostgresOptions, PostgresServer> = {
  name: 'pglite',
  async start({ config }) {
    if (config) throw new SourceUnavailable('PGlite: takes no settings', 'options')
    const { startPGliteServer } = await import('../pglite/start-pglite-server.ts')
    return await startPGliteServer()
  },
}
