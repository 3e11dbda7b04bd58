import { readdir, realpath } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { findOnPath } from '../../process/find-on-path.ts'
import { type Source, SourceUnavailable } from '../../sources/source.ts'
import type { PostgresServer, StartPostgresOptions } from '../postgres-server.ts'
import { startPostgresProcess } from '../start-postgres-process.ts'

/** Debian and Ubuntu keep the servers here, off PATH, one folder per major version. */
const DEBIAN_FOLDER = '/usr/lib/postgresql'

/** The `postgres` and `initdb` that are installed. */
export const postgresFromBinary: Source<'binary', StartPostgresOptions, PostgresServer> = {
  name: 'binary',
  async start({ config }) {
    const initdb = await findOnPath('initdb', await listDebianFolders(DEBIAN_FOLDER))
    if (initdb === undefined) {
      throw new SourceUnavailable(`postgres: not on PATH, nor below ${DEBIAN_FOLDER}`)
    }
    // On PATH it may be a link; the other executables lie beside what it leads to.
    const folder = dirname(await realpath(initdb))
    return await startPostgresProcess({ source: 'binary', folder }, config)
  },
}

/** The folders of executables below `parent`, newest major version first. */
export async function listDebianFolders(parent: string): Promise<string[]> {
  const versions = await readdir(parent).catch(() => [])
  return versions
    .sort((one, other) => Number(other) - Number(one))
    .map((version) => join(parent, version, 'bin'))
}
