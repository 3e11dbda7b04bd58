import type { ResponseCacheOptions } from '@hotpath/http'
import type { Site } from '../contestant.ts'

/** The part of the options that no framework has a say in. */
type Options = Pick<ResponseCacheOptions, 'ttl' | 'etag' | 'redis' | 'memory'>

export const FROM_MEMORY: Options = { ttl: '1h' }

/** For clients that ask whether their copy is still good. */
export const WITH_ETAG: Options = { ttl: '1h', etag: 'strong' }

/** Every hit comes from Redis. */
export function fromRedis({ redisUrl }: Site): Options {
  return { ttl: '1h', redis: redisUrl, memory: false }
}
