import { join } from 'node:path'
import { readDependencies } from '../../debian/apt.ts'
import { withLibrariesOf } from '../../debian/library-folders.ts'
import { unpackPackages } from '../../debian/unpack-packages.ts'
import type { Source } from '../../sources/source.ts'
import type { PostgresServer, StartPostgresOptions } from '../postgres-server.ts'
import { startPostgresProcess } from '../start-postgres-process.ts'
import { listDebianFolders } from './binary.ts'

/** On Debian and Ubuntu, the distribution's package, unpacked into the workspace's cache folder. */
export const postgresFromPackage: Source<'package', StartPostgresOptions, PostgresServer> = {
  name: 'package',
  async start({ config }) {
    const root = await unpackPackages('postgres', async (apt) => {
      // "postgresql" is empty and stands for the release's version, such as postgresql-15.
      const named = await readDependencies(apt, ['postgresql'])
      return named.filter((name) => /^postgresql-\d+$/.test(name)).slice(0, 1)
    })
    const [folder = ''] = await listDebianFolders(join(root, 'usr/lib/postgresql'))
    const program = { source: 'package', folder, env: await withLibrariesOf(root) } as const
    return await startPostgresProcess(program, config)
  },
}
