import { z } from 'zod'
import { type Clock, systemClock } from '../base/clock.ts'
import { type Duration, parseDuration } from '../base/duration.ts'
import { invalidOption } from '../base/errors.ts'
import { durationSchema, givenSchema, resolveOptions } from '../base/options.ts'
import { type Random, systemRandom } from '../base/random.ts'
import { openLink } from './link.ts'
import type { RedisInput, RedisLink } from './types.ts'

/** Options of {@link createRedisLink}. */
export interface RedisLinkOptions {
  /** Longest a command may take, queueing included. @defaultValue `'250ms'` */
  storeTimeout?: Duration | undefined
  clock?: Clock | undefined
  random?: Random | undefined
}

const schema = z.strictObject({
  storeTimeout: durationSchema.default(250),
  clock: givenSchema<Clock>('a Clock', isObject).default(systemClock),
  random: givenSchema<Random>('a Random', isObject).default(systemRandom),
})

/**
 * Opens one link to Redis, to be shared by caches, sessions and rate limits through their `redis`
 * option.
 *
 * It never throws and never waits because Redis is away: it starts down and finds its way up.
 * A wrong URL or option throws `ERR_OPTION_INVALID`; a missing ioredis `ERR_REDIS_CLIENT_MISSING`.
 *
 * @example
 * ```ts
 * import { createCache, createRedisLink } from '@hotpath/core'
 *
 * const redis = createRedisLink('redis://localhost:6379')
 * const cache = createCache({ redis, ttl: '5m' })
 *
 * await cache.close()
 * await redis.close()
 * ```
 */
export function createRedisLink(redis: RedisInput, options?: RedisLinkOptions): RedisLink {
  const { storeTimeout, clock, random } = resolveOptions('createRedisLink', schema, options)
  if (parseDuration(storeTimeout) === 0) throw invalidOption('storeTimeout', 0, 'more than 0')
  return openLink(redis, { storeTimeoutMs: storeTimeout, clock, random }).link
}

function isObject(input: unknown): boolean {
  return typeof input === 'object' && input !== null
}
