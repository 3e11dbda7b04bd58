import { join } from 'node:path'
import { withLibrariesOf } from '../../debian/library-folders.ts'
import { unpackPackages } from '../../debian/unpack-packages.ts'
import type { Source } from '../../sources/source.ts'
import type { RedisProgram } from '../program.ts'
import type { RedisServer, StartRedisOptions } from '../redis-server.ts'
import { startProgram } from '../start-program.ts'

/** On Debian and Ubuntu, the distribution's program, unpacked into the workspace's cache folder. */
export const programFromPackage: Source<'package', object, RedisProgram> = {
  name: 'package',
  async start() {
    // redis-server is a link to the program in redis-tools.
    const root = await unpackPackages('redis', async () => ['redis-server', 'redis-tools'])
    const command = join(root, 'usr/bin/redis-server')
    return { source: 'package', command, env: await withLibrariesOf(root) }
  },
}

/** The same, running. */
export const redisFromPackage: Source<'package', StartRedisOptions, RedisServer> = {
  name: 'package',
  async start(options) {
    return await startProgram(await programFromPackage.start({}), options)
  },
}
