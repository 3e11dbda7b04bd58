import { startFromFirst } from '../sources/start-from-first.ts'
import type { RedisServer, StartRedisOptions } from './redis-server.ts'
import { redisFromBinary } from './sources/binary.ts'
import { redisFromDocker } from './sources/docker.ts'
import { redisFromPackage } from './sources/package.ts'
import { redisFromUrl } from './sources/url.ts'

const OWN = [redisFromDocker, redisFromBinary, redisFromPackage]

const ADVICE =
  'Found no Redis for the tests. Install one (apt install redis-server, brew install redis), ' +
  'start Docker, or set HOTPATH_TEST_REDIS_URL.'

/**
 * Gives a real Redis: the one of `HOTPATH_TEST_REDIS_URL`; a container where Docker answers; the
 * `redis-server` on PATH; on Debian and Ubuntu the distribution's package, unpacked into
 * node_modules/.cache/hotpath without installing anything.
 *
 * All but the first listen on 127.0.0.1, keep nothing on disk, and end with this process at the
 * latest, even if it is killed.
 *
 * @throws AggregateError that says what was tried and what to install
 *
 * @example
 * const server = await startRedis({ faults: true })
 * const cache = createCache({ redis: server.url })
 * await server.kill()
 * await server.restart()
 * await server.stop()
 */
export async function startRedis(options: StartRedisOptions = {}): Promise<RedisServer> {
  const inOrder = options.faults ? [...OWN, redisFromUrl] : [redisFromUrl, ...OWN]
  const forced = inOrder.filter(({ name }) => name === options.source)
  return await startFromFirst(options.source === undefined ? inOrder : forced, options, ADVICE)
}
