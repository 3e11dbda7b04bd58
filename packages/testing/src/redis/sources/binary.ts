import { findOnPath } from '../../process/find-on-path.ts'
import { type Source, SourceUnavailable } from '../../sources/source.ts'
import { RedisProcess } from '../redis-process.ts'
import type { RedisServer, StartRedisOptions } from '../redis-server.ts'
import { startOnFreePort } from '../start-on-free-port.ts'

/** The `redis-server` that is installed. */
export const redisFromBinary: Source<'binary', StartRedisOptions, RedisServer> = {
  name: 'binary',
  async start({ config }) {
    const command = await findOnPath('redis-server')
    if (command === undefined) throw new SourceUnavailable('redis-server: not on PATH')
    const program = { source: 'binary', command } as const
    return await startOnFreePort((port) => new RedisProcess(program, port, config))
  },
}
