import { Redis } from 'ioredis'
import { type Source, SourceUnavailable } from '../../sources/source.ts'
import { ExternalRedis } from '../external-redis.ts'
import type { RedisServer, StartRedisOptions } from '../redis-server.ts'

const VARIABLE = 'HOTPATH_TEST_REDIS_URL'

/** The Redis that the environment names. That it does not answer is an error: somebody meant it. */
export const redisFromUrl: Source<'url', StartRedisOptions, RedisServer> = {
  name: 'url',
  async start({ config }) {
    const url = process.env[VARIABLE]
    if (!url) throw new SourceUnavailable(`${VARIABLE}: not set`)
    if (config) throw new SourceUnavailable(`${VARIABLE}: its config is not ours`, 'options')
    await requireAnswer(url)
    return new ExternalRedis(url)
  },
}

async function requireAnswer(url: string): Promise<void> {
  const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null })
  client.on('error', () => {})
  try {
    await client.connect()
    await client.ping()
  } catch (error) {
    throw new Error(`${VARIABLE} is set to ${url}, where no Redis answers`, { cause: error })
  } finally {
    client.disconnect()
  }
}
