import {
  type Clock,
  createRedisLink,
  type Duration,
  type RedisInput,
  systemClock,
} from '@hotpath/core'
import {
  durationSchema,
  functionSchema,
  givenSchema,
  invalidOption,
  requireDuration,
  resolveOptions,
} from '@hotpath/core/base'
import { z } from 'zod'
import { SessionUnavailableError } from '../errors.ts'
import { MemoryPlugInStore } from './memory-plug-in-store.ts'
import type { PlugInStore } from './plug-in-store.ts'
import { RedisPlugInStore } from './redis-plug-in-store.ts'

/** Options of the stores for other middlewares. Wrong ones throw `ERR_OPTION_INVALID`. */
export interface PlugInStoreOptions {
  /** One Redis for all processes. Absent: sessions are kept in this process alone. */
  redis?: RedisInput | undefined
  /** Before every key. The default is that of connect-redis, whose sessions are read on. @defaultValue `'sess:'` */
  prefix?: string | undefined
  /** How long a session lasts whose cookie does not say. @defaultValue `'1d'` */
  ttl?: Duration | ((session: Record<string, unknown>) => Duration) | undefined
  /** Whether a touch does nothing. @defaultValue false */
  disableTouch?: boolean | undefined
  /** How long Redis may take to answer. A `RedisLink` of your own keeps its own. @defaultValue `'500ms'` */
  ioTimeout?: Duration | undefined
  /** How many sessions are kept without Redis. @defaultValue 100,000 */
  maxSessions?: number | undefined
  /** @defaultValue the system's */
  clock?: Clock | undefined
}

const schema = z.strictObject({
  redis: z.custom<RedisInput>().optional(),
  prefix: z.string().min(1).max(200).default('sess:'),
  ttl: z
    .union([functionSchema<(session: Record<string, unknown>) => Duration>(), durationSchema])
    .default(86_400_000),
  disableTouch: z.boolean().default(false),
  ioTimeout: durationSchema.default(500),
  maxSessions: z.int().min(1).default(100_000),
  clock: givenSchema<Clock>('a Clock', (input) => typeof input === 'object').default(systemClock),
})

/** A store and what its options say. */
export interface OpenedPlugIn {
  readonly store: PlugInStore
  readonly disableTouch: boolean
  /** How long a session lasts from now, in milliseconds; 0 or less: it is over. */
  lifeMs(session: Record<string, unknown>): number
}

export function openPlugIn(
  entryPoint: string,
  options: PlugInStoreOptions | undefined,
): OpenedPlugIn {
  const { redis, prefix, ttl, disableTouch, ioTimeout, maxSessions, clock } = resolveOptions(
    entryPoint,
    schema,
    options,
  )
  if (ttl === 0) throw invalidOption('ttl', 0, 'more than 0')
  if (ioTimeout === 0) throw invalidOption('ioTimeout', 0, 'more than 0')
  const store =
    redis === undefined
      ? new MemoryPlugInStore(maxSessions, clock)
      : openRedis(redis as RedisInput, prefix, ioTimeout, clock)
  const lifeMs = (session: Record<string, unknown>): number => {
    const ends = (session.cookie as { expires?: unknown } | undefined)?.expires
    const endsMs =
      typeof ends === 'string' || ends instanceof Date ? new Date(ends).getTime() : Number.NaN
    if (Number.isFinite(endsMs)) return Math.ceil(endsMs - clock.now())
    return typeof ttl === 'function' ? requireDuration('ttl', ttl(session)) : ttl
  }
  return { store, disableTouch, lifeMs }
}

function openRedis(
  redis: RedisInput,
  prefix: string,
  ioTimeout: number,
  clock: Clock,
): PlugInStore {
  const isShared = (redis as Partial<{ kind: unknown }>).kind === 'hotpath-redis-link'
  const link = createRedisLink(redis, { storeTimeout: ioTimeout, clock })
  return new RedisPlugInStore(link, prefix, !isShared)
}

/** Gives the outcome to a callback, in a tick of its own: what that throws is its caller's. */
export function answer<T>(
  outcome: Promise<T>,
  callback: ((error?: unknown, value?: T) => void) | undefined,
): void {
  outcome.then(
    (value) => process.nextTick(() => callback?.(null, value)),
    (error: unknown) => process.nextTick(() => callback?.(explain(error))),
  )
}

function explain(error: unknown): unknown {
  const code = (error as { code?: unknown }).code
  const isOutage = code === 'ERR_REDIS_UNAVAILABLE' || code === 'ERR_REDIS_TIMEOUT'
  return isOutage ? new SessionUnavailableError(error) : error
}
