import { hostname } from 'node:os'
import { performance } from 'node:perf_hooks'
import type { RedisLink } from '@hotpath/core'
import { Instances } from './instances.ts'
import { KeyNames } from './keys.ts'
import { Limiter } from './limiter.ts'
import type { RateLimiter } from './limiter-types.ts'
import { MemoryDriver } from './memory/memory-driver.ts'
import type { RateLimiterOptions } from './options.ts'
import { type LimiterSettings, type SplitOptions, splitOptions } from './options-schema.ts'
import { Questions } from './questions.ts'
import { openLink } from './redis/open-link.ts'
import { RedisDriver } from './redis/redis-driver.ts'

/**
 * Makes a rate limiter: in Redis where there is one, else in memory, with the same meaning.
 *
 * All policies of a call are judged and charged in one atomic step; a refusal by one charges none.
 * Wrong options throw `ERR_OPTION_INVALID`. While Redis is away `onStoreError` holds; no call rejects
 * because of Redis.
 *
 * @example
 * ```ts
 * import { createRateLimiter } from '@hotpath/rate-limit'
 *
 * const limiter = createRateLimiter({ limit: 100, window: '1m' })
 * const { allowed, retryAfterMs } = await limiter.consume('user:7')
 * console.log(allowed, retryAfterMs) // true 0
 * await limiter.close()
 * ```
 */
export function createRateLimiter<Req = unknown>(
  options: RateLimiterOptions<Req>,
  entryPoint = 'createRateLimiter',
): RateLimiter<Req> {
  return createLimiter(options, entryPoint)
}

/** The same, for those here who take decisions at once where they are there. */
export function createLimiter<Req>(
  options: RateLimiterOptions<Req>,
  entryPoint: string,
): Limiter<Req> {
  const split = splitOptions(entryPoint, options)
  const { settings } = split
  const isInRedis = settings.redis !== undefined
  const isAlone = split.choose === undefined && split.policies.length === 1
  const place = { isInRedis, isAlone, isShared: hasOwnKeys(split) }
  const keys = new KeyNames(settings.namespace, place)
  const questions = new Questions(split, keys)
  const memory = new MemoryDriver(settings.memory.maxKeys, settings.clock, settings.random)
  if (settings.redis === undefined) {
    const close = async (): Promise<void> => {}
    return new Limiter({
      settings,
      questions,
      redis: undefined,
      memory,
      instances: undefined,
      close,
    })
  }
  const { link, isOurs } = openLink(settings.redis, settings)
  const instances = countInstances(link, keys, settings)
  return new Limiter({
    settings,
    questions,
    redis: new RedisDriver(link, settings.random),
    memory,
    instances,
    close: async () => {
      await instances?.close()
      if (isOurs) await link.close()
    },
  })
}

/** Whether policies may have keys of their own: nobody knows which, so all are in one slot. */
function hasOwnKeys<Req>({ choose, policies }: SplitOptions<Req>): boolean {
  return choose !== undefined || policies.some(({ key }) => key !== undefined)
}

function countInstances(
  link: RedisLink,
  keys: KeyNames,
  { onStoreError, clock }: LimiterSettings,
): Instances | undefined {
  if (onStoreError !== 'local') return undefined
  // The process, not the limiter: several limiters of one process share one part of the limits.
  const id = `${hostname()}:${process.pid}:${performance.timeOrigin}`
  return new Instances(link, keys.instances(), id, clock)
}
