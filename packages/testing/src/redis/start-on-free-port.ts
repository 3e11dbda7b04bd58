import { pickPort } from '../process/pick-port.ts'
import { OwnRedis } from './own-redis.ts'
import type { RedisMachine } from './redis-machine.ts'
import type { RedisServer } from './redis-server.ts'

const PORTS_TO_TRY = 5
const PORT_TAKEN = /address already in use|port is already allocated/i

/** Starts the machine that `build` makes for a free port, on another port where one was lost. */
export async function startOnFreePort(build: (port: number) => RedisMachine): Promise<RedisServer> {
  for (let attempt = 1; ; attempt += 1) {
    const server = new OwnRedis(build(await pickPort()))
    try {
      await server.restart()
      return server
    } catch (error) {
      await server.stop()
      if (attempt === PORTS_TO_TRY || !PORT_TAKEN.test(String(error))) throw error
    }
  }
}
