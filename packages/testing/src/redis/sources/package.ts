import { join } from 'node:path'
import { withLibrariesOf } from '../../debian/library-folders.ts'
import { unpackPackages } from '../../debian/unpack-packages.ts'
import type { Source } from '../../sources/source.ts'
import { RedisProcess } from '../redis-process.ts'
import type { RedisServer, StartRedisOptions } from '../redis-server.ts'
import { startOnFreePort } from '../start-on-free-port.ts'

/** On Debian and Ubuntu, the distribution's package, unpacked into the workspace's cache folder. */
export const redisFromPackage: Source<'package', StartRedisOptions, RedisServer> = {
  name: 'package',
  async start({ config }) {
    // redis-server is a link to the program in redis-tools.
    const root = await unpackPackages('redis', async () => ['redis-server', 'redis-tools'])
    const command = join(root, 'usr/bin/redis-server')
    const program = { source: 'package', command, env: await withLibrariesOf(root) } as const
    return await startOnFreePort((port) => new RedisProcess(program, port, config))
  },
}
