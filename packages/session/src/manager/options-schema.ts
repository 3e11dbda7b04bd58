import {
  type Clock,
  type Random,
  type RedisInput,
  type StandardSchema,
  systemClock,
  systemRandom,
} from '@hotpath/core'
import {
  describeFound,
  durationSchema,
  functionSchema,
  givenSchema,
  invalidOption,
  isStandardSchema,
  resolveOptions,
} from '@hotpath/core/base'
import { z } from 'zod'
import { type CookieSettings, cookieSchema, resolveCookie } from '../cookie/cookie-options.ts'
import type { SessionOptions } from './options.ts'

const SHORTEST_SECRET = 32
const SECRET_WANTED = `text of at least ${SHORTEST_SECRET} characters`

/** One text or a list. Says of a wrong one how long it is, never what: errors end up in logs. */
const secretTexts = z.unknown().transform((input, context): readonly string[] => {
  const list: readonly unknown[] = Array.isArray(input) ? input : [input]
  if (list.length > 0 && list.every(isSecret)) return list
  const wrong = list.findIndex((one) => !isSecret(one))
  context.addIssue({
    code: 'custom',
    message: SECRET_WANTED,
    path: Array.isArray(input) && wrong >= 0 ? [wrong] : [],
    params: { found: wrong < 0 ? 'an empty list' : describeSecret(list[wrong]) },
  })
  return z.NEVER
})

function isSecret(input: unknown): input is string {
  return typeof input === 'string' && input.length >= SHORTEST_SECRET
}

function describeSecret(input: unknown): string {
  return typeof input === 'string' ? `text of length ${input.length}` : describeFound(input)
}

const schema = z.strictObject({
  secret: secretTexts,
  redis: z.custom<RedisInput>().optional(),
  namespace: z
    .string()
    .regex(/^[A-Za-z0-9_.:-]{1,100}$/, 'letters, digits and _ . : -')
    .default('hotpath:session'),
  idleTimeout: durationSchema.default(30 * 60_000),
  absoluteTimeout: z.union([z.literal(false), durationSchema]).default(12 * 3_600_000),
  renewalTimeout: durationSchema.default(0),
  renewalGrace: durationSchema.default(30_000),
  touchInterval: durationSchema.optional(),
  conflict: z.enum(['merge', 'reject', 'last-write']).default('merge'),
  maxSessionsPerUser: z.int().min(1).max(10_000).default(100),
  cookie: cookieSchema,
  ioTimeout: durationSchema.default(500),
  onStoreError: z.enum(['reject', 'anonymous', 'memory']).default('reject'),
  outageGrace: durationSchema.default(5 * 60_000),
  memory: z.strictObject({ maxSessions: z.int().min(1).default(100_000) }).prefault({}),
  encryption: z.strictObject({ keys: secretTexts }).optional(),
  schema: givenSchema<StandardSchema>(
    'a Standard Schema, such as zod makes',
    isStandardSchema,
  ).optional(),
  version: z.int().min(0).default(1),
  migrate:
    functionSchema<
      (data: Record<string, unknown>, from: number) => Record<string, unknown>
    >().optional(),
  development: z.boolean().optional(),
  clock: givenSchema<Clock>('a Clock', isObject).default(systemClock),
  random: givenSchema<Random>('a Random', isObject).default(systemRandom),
})

/** {@link SessionOptions} with everything filled in; durations in milliseconds. */
export interface ParsedOptions {
  readonly secret: readonly string[]
  readonly redis?: RedisInput | undefined
  readonly namespace: string
  readonly idleTimeout: number
  /** 0: none. */
  readonly absoluteTimeout: number
  readonly renewalTimeout: number
  readonly renewalGrace: number
  readonly touchInterval: number
  readonly conflict: 'merge' | 'reject' | 'last-write'
  readonly maxSessionsPerUser: number
  readonly cookie: CookieSettings
  readonly ioTimeout: number
  readonly onStoreError: 'reject' | 'anonymous' | 'memory'
  readonly outageGrace: number
  readonly memory: { readonly maxSessions: number }
  readonly encryption?: { readonly keys: readonly string[] } | undefined
  readonly schema?: StandardSchema | undefined
  readonly version: number
  readonly migrate?:
    | ((data: Record<string, unknown>, from: number) => Record<string, unknown>)
    | undefined
  readonly development: boolean
  readonly clock: Clock
  readonly random: Random
}

/** Checks the options and fills in what depends on others. */
export function resolveSessionOptions(entryPoint: string, options: SessionOptions): ParsedOptions {
  const parsed = resolveOptions(entryPoint, schema, options)
  const isProduction = process.env.NODE_ENV === 'production'
  const idleTimeout = Math.ceil(parsed.idleTimeout)
  const absoluteTimeout = parsed.absoluteTimeout === false ? 0 : Math.ceil(parsed.absoluteTimeout)
  if (idleTimeout === 0) throw invalidOption('idleTimeout', 0, 'more than 0')
  if (parsed.ioTimeout === 0) throw invalidOption('ioTimeout', 0, 'more than 0')
  if (parsed.absoluteTimeout !== false && absoluteTimeout < idleTimeout) {
    throw invalidOption(
      'absoluteTimeout',
      absoluteTimeout,
      `no less than idleTimeout (${idleTimeout})`,
    )
  }
  const touchInterval = parsed.touchInterval ?? Math.min(60_000, idleTimeout / 10)
  if (touchInterval >= idleTimeout) {
    throw invalidOption('touchInterval', touchInterval, `less than idleTimeout (${idleTimeout})`)
  }
  const cookie = resolveCookie(parsed.cookie, isProduction)
  const development = parsed.development ?? !isProduction
  return { ...parsed, idleTimeout, absoluteTimeout, touchInterval, cookie, development }
}

function isObject(input: unknown): boolean {
  return typeof input === 'object' && input !== null
}
