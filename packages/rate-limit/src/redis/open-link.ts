import { createRedisLink, type RedisInput, type RedisLink } from '@hotpath/core'
import { requireDuration } from '@hotpath/core/base'
import type { RateLimiterOptions } from '../options.ts'

type LinkSettings = Pick<RateLimiterOptions, 'storeTimeout' | 'clock' | 'random'>

/** The link that `redis` already is, or a new one. */
export function openLink(
  redis: RedisInput,
  { storeTimeout, clock, random }: LinkSettings,
): { link: RedisLink; isOurs: boolean } {
  if (isLink(redis)) return { link: redis, isOurs: false }
  return { link: createRedisLink(redis, { storeTimeout, clock, random }), isOurs: true }
}

/** The same options with one link to Redis for all limiters that are made from them. */
export function shareRedis<O extends LinkSettings & Pick<RateLimiterOptions, 'redis'>>(
  options: O,
): { options: O; close: () => Promise<void> } {
  if (options.redis === undefined) return { options, close: async () => {} }
  if (options.storeTimeout !== undefined) requireDuration('storeTimeout', options.storeTimeout)
  const { link, isOurs } = openLink(options.redis, options)
  return {
    options: { ...options, redis: link },
    close: async () => {
      if (isOurs) await link.close()
    },
  }
}

function isLink(input: RedisInput): input is RedisLink {
  return (input as Partial<RedisLink> | null)?.kind === 'hotpath-redis-link'
}
