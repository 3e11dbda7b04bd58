import { formatDirectives } from './directives.ts'
import type { RedisProgram } from './program.ts'
import { LOOPBACK, RedisProcess } from './redis-process.ts'
import type { RedisServer, StartRedisOptions } from './redis-server.ts'
import { startOnFreePort } from './start-on-free-port.ts'

/** Runs `program` alone on a port of its own. */
export async function startProgram(
  program: RedisProgram,
  { config }: StartRedisOptions,
): Promise<RedisServer> {
  return await startOnFreePort(
    (port) => new RedisProcess(program, port, () => formatDirectives(LOOPBACK, port, config)),
  )
}
