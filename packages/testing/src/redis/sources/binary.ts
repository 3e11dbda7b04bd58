import { findOnPath } from '../../process/find-on-path.ts'
import { type Source, SourceUnavailable } from '../../sources/source.ts'
import type { RedisProgram } from '../program.ts'
import type { RedisServer, StartRedisOptions } from '../redis-server.ts'
import { startProgram } from '../start-program.ts'

/** The program that is installed. */
export const programOnPath: Source<'binary', object, RedisProgram> = {
  name: 'binary',
  async start() {
    const command = await findOnPath('redis-server')
    if (command === undefined) throw new SourceUnavailable('redis-server: not on PATH')
    return { source: 'binary', command }
  },
}

/** The `redis-server` that is installed. */
export const redisFromBinary: Source<'binary', StartRedisOptions, RedisServer> = {
  name: 'binary',
  async start(options) {
    return await startProgram(await programOnPath.start({}), options)
  },
}
