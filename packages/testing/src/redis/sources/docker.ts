import { requireDockerEngine } from '../../docker/find-engine.ts'
import type { Source } from '../../sources/source.ts'
import { RedisContainer } from '../redis-container.ts'
import type { RedisServer, StartRedisOptions } from '../redis-server.ts'
import { startOnFreePort } from '../start-on-free-port.ts'

/** A container where a Docker engine answers: `HOTPATH_TEST_REDIS_IMAGE`, or redis:7-alpine. */
export const redisFromDocker: Source<'docker', StartRedisOptions, RedisServer> = {
  name: 'docker',
  async start({ config }) {
    await requireDockerEngine()
    return await startOnFreePort((port) => new RedisContainer(port, config))
  },
}
