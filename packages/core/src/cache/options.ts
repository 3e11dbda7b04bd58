import { z } from 'zod'
import { type Clock, systemClock } from '../base/clock.ts'
import { durationSchema, givenSchema } from '../base/options.ts'
import { type Random, systemRandom } from '../base/random.ts'
import type { RedisInput } from '../redis/types.ts'
import { compressionSchema } from './compression.ts'
import {
  earlyRefreshSchema,
  entryFields,
  type ParsedEntryFields,
  timeoutFields,
} from './entry-options.ts'
import type { WritingOptions } from './scope.ts'
import type { Serializer } from './types.ts'

/** {@link CacheOptions} with everything filled in; durations in milliseconds. */
export interface ParsedCacheOptions extends ParsedEntryFields, WritingOptions {
  redis?: RedisInput | undefined
  namespace: string
  memory: { maxEntries: number; maxBytes: number } | false
  storeTimeout: number
  leaseTimeout: number
  recoveryConcurrency: number
  coherence: 'tracking' | 'pubsub' | 'none'
  coherenceGrace: number
  clock: Clock
  random: Random
}

const positive = durationSchema.refine((ms) => ms > 0, 'a duration longer than 0')

const serializer = givenSchema<Serializer>(
  'an object with serialize(value) and deserialize(bytes)',
  (input) => hasMethods(input, 'serialize', 'deserialize'),
).optional()

const memory = z.strictObject({
  maxEntries: z.int().min(1).default(10_000),
  maxBytes: z
    .int()
    .min(1)
    .default(64 * 1024 * 1024),
})

/** What `createCache` takes. */
export const cacheSchema: z.ZodType<ParsedCacheOptions> = z
  .strictObject({
    ...entryFields,
    ...timeoutFields,
    ttl: durationSchema.default(5 * 60_000),
    earlyRefresh: earlyRefreshSchema,
    redis: z.custom<RedisInput>().optional(),
    namespace: z.string().min(1).max(200).default('hotpath'),
    memory: z.union([memory, z.literal(false)]).default(memory.parse({})),
    storeTimeout: positive.default(250),
    leaseTimeout: positive.default(30_000),
    recoveryConcurrency: z.int().min(1).default(16),
    coherence: z.enum(['tracking', 'pubsub', 'none']).default('tracking'),
    coherenceGrace: durationSchema.default(1_000),
    serializer,
    compression: compressionSchema,
    clock: givenSchema<Clock>('a Clock', (input) => hasMethods(input, 'now', 'schedule')).default(
      systemClock,
    ),
    random: givenSchema<Random>('a Random', (input) => hasMethods(input, 'next', 'token')).default(
      systemRandom,
    ),
  })
  .refine((options) => options.memory !== false || options.redis !== undefined, {
    path: ['memory'],
    message: 'bounds of the memory tier, for without redis there is no other',
  })

/** What `cache.namespace` takes. */
export const namespaceSchema: z.ZodType<ParsedEntryFields & WritingOptions> = z.strictObject({
  ...entryFields,
  earlyRefresh: earlyRefreshSchema,
  serializer,
  compression: compressionSchema,
})

function hasMethods(input: unknown, ...names: string[]): boolean {
  if (typeof input !== 'object' || input === null) return false
  return names.every((name) => typeof (input as Record<string, unknown>)[name] === 'function')
}
