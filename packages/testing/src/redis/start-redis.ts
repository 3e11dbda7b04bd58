import { findOnPath } from '../process/find-on-path.ts'
import { startRedisProcess } from './redis-process.ts'
import type { RedisServer, StartRedisOptions } from './redis-server.ts'

export async function startRedis(options: StartRedisOptions = {}): Promise<RedisServer> {
  const command = await findOnPath('redis-server')
  if (command === undefined) throw new Error('No redis-server on PATH')
  return await startRedisProcess({ source: 'binary', command }, options.config)
}
