import { type Clock, type Random, type RedisInput, systemClock, systemRandom } from '@hotpath/core'
import {
  durationSchema,
  functionSchema,
  givenSchema,
  HotpathError,
  invalidOption,
  resolveOptions,
} from '@hotpath/core/base'
import { z } from 'zod'
import type { AlgorithmName } from './algorithms/algorithm.ts'
import type { BanRule } from './algorithms/ban.ts'
import type { PolicyOptions, RateLimiterOptions } from './options.ts'

const NAMES = [
  'fixed-window',
  'sliding-window',
  'sliding-log',
  'token-bucket',
  'gcra',
  'concurrency',
] as const

const SLOT_MS = 30_000

const amount = z.int().min(1)

/** {@link PolicyOptions} with everything filled in; the window in milliseconds. */
export interface Policy<Req> {
  readonly name: string
  readonly limit: number | ((request: Req) => number | Promise<number>)
  readonly windowMs: number
  readonly algorithm: AlgorithmName
  readonly burst: number | undefined
  readonly buckets: number
  readonly cost: number | ((request: Req) => number | Promise<number>) | undefined
  readonly key: ((request: Req) => string | Promise<string>) | undefined
}

type AmountOf = (request: never) => number | Promise<number>

const policySchema = z
  .strictObject({
    name: z
      .string()
      .regex(/^[\x20-\x7e]{1,64}$/, 'text of 1 to 64 ASCII characters')
      .default('default'),
    limit: z.union([amount, functionSchema<AmountOf>()]),
    window: durationSchema.optional(),
    algorithm: z.enum(NAMES).default('sliding-window'),
    burst: amount.optional(),
    buckets: z.int().min(1).max(1_000).default(10),
    cost: z.union([z.int().min(0), functionSchema<AmountOf>()]).optional(),
    key: functionSchema<(request: never) => string | Promise<string>>().optional(),
  })
  .superRefine(({ window, algorithm, burst }, context) => {
    if (window === undefined && algorithm !== 'concurrency') {
      context.addIssue({ code: 'custom', path: ['window'], message: 'a duration, such as "1m"' })
    }
    if (window !== undefined && window < 1) {
      context.addIssue({ code: 'custom', path: ['window'], message: 'at least 1 ms' })
    }
    if (burst !== undefined && algorithm !== 'token-bucket' && algorithm !== 'gcra') {
      const message = 'to be left out: only token-bucket and gcra have a burst'
      context.addIssue({ code: 'custom', path: ['burst'], message })
    }
  })
  .transform(({ window, ...policy }) => ({
    ...policy,
    windowMs: Math.ceil(window ?? SLOT_MS),
  }))

/** Checks policies, or throws `ERR_OPTION_INVALID`. */
export function resolvePolicies<Req>(
  entryPoint: string,
  given: readonly PolicyOptions<Req>[],
): Policy<Req>[] {
  const policies = resolveOptions(
    entryPoint,
    z.strictObject({ policies: z.array(policySchema).min(1).max(20) }),
    { policies: given },
  ).policies as unknown as Policy<Req>[] // zod keeps no type parameter: the functions are the user's own
  const names = policies.map(({ name }) => name)
  const twice = names.find((name, at) => names.indexOf(name) !== at)
  if (twice !== undefined) throw invalidOption('policies', twice, 'each name once')
  return policies
}

/** {@link RateLimiterOptions} but the policies, with everything filled in. */
export interface LimiterSettings {
  redis?: RedisInput | undefined
  namespace: string
  storeTimeout: number
  onStoreError: 'local' | 'allow' | 'deny'
  memory: { maxKeys: number }
  blockCache: { maxKeys: number } | undefined
  ban: Omit<BanRule, 'forgetMs'>
  mode: 'enforce' | 'shadow'
  clock: Clock
  random: Random
}

const maxKeys = z.int().min(1)
const isObject = (input: unknown): boolean => typeof input === 'object' && input !== null

const settingsSchema: z.ZodType<LimiterSettings> = z.strictObject({
  redis: z.custom<RedisInput>().optional(),
  namespace: z.string().default('hotpath'),
  storeTimeout: durationSchema.default(250),
  onStoreError: z.enum(['local', 'allow', 'deny']).default('local'),
  memory: z.strictObject({ maxKeys: maxKeys.default(50_000) }).default({ maxKeys: 50_000 }),
  blockCache: z
    .union([z.boolean(), z.strictObject({ maxKeys })])
    .default(true)
    .transform((given) => (given === true ? { maxKeys: 10_000 } : given || undefined)),
  ban: z
    .strictObject({
      after: amount,
      duration: durationSchema.refine((ms) => ms >= 1, 'at least 1 ms'),
      factor: z.number().min(1).default(1),
    })
    .optional()
    .transform((given) => ({
      after: given?.after ?? 0,
      durationMs: Math.ceil(given?.duration ?? 0),
      factor: given?.factor ?? 1,
    })),
  mode: z.enum(['enforce', 'shadow']).default('enforce'),
  clock: givenSchema<Clock>('a Clock', isObject).default(systemClock),
  random: givenSchema<Random>('a Random', isObject).default(systemRandom),
})

/** What {@link splitOptions} finds. */
export interface SplitOptions<Req> {
  readonly settings: LimiterSettings
  readonly policies: readonly Policy<Req>[]
  /** Where the policies depend on the request. */
  readonly choose: ((request: Req) => Promise<readonly PolicyOptions<Req>[]>) | undefined
}

/** Tells the settings of a limiter from its policies, and checks both. */
export function splitOptions<Req>(
  entryPoint: string,
  options: RateLimiterOptions<Req> | undefined,
): SplitOptions<Req> {
  if (!isObject(options)) throw invalidOption(`${entryPoint}: options`, options, 'an object')
  const { policies, name, limit, window, algorithm, burst, buckets, cost, ...rest } =
    options as RateLimiterOptions<Req>
  const settings = resolveOptions(entryPoint, settingsSchema, rest)
  const single = { name, limit, window, algorithm, burst, buckets, cost }
  if (policies === undefined) {
    const one = single as PolicyOptions<Req>
    return { settings, policies: resolveSingle(entryPoint, one), choose: undefined }
  }
  for (const [option, found] of Object.entries({
    limit,
    window,
    algorithm,
    burst,
    buckets,
    name,
  })) {
    if (found === undefined) continue
    throw invalidOption(`${entryPoint}: ${option}`, found, 'to be left to `policies`')
  }
  if (typeof policies === 'function') {
    return { settings, policies: [], choose: async (request) => await policies(request) }
  }
  return {
    settings,
    policies: resolvePolicies(entryPoint, withCost(policies, cost)),
    choose: undefined,
  }
}

/** What is no list of policies is left for the check to say so. */
function withCost<Req>(
  policies: readonly PolicyOptions<Req>[],
  cost: PolicyOptions<Req>['cost'],
): readonly PolicyOptions<Req>[] {
  if (!Array.isArray(policies)) return policies
  return policies.map((policy: PolicyOptions<Req>) =>
    isObject(policy) ? { ...policy, cost: policy.cost ?? cost } : policy,
  )
}

function resolveSingle<Req>(entryPoint: string, policy: PolicyOptions<Req>): Policy<Req>[] {
  try {
    return resolvePolicies(entryPoint, [policy])
  } catch (error) {
    throw renamed(error)
  }
}

/** A single policy stands in the options themselves: its path is not the user's. */
function renamed(error: unknown): unknown {
  if (!(error instanceof HotpathError)) return error
  const [message = ''] = error.message.split(' [ERR_')
  return new HotpathError('ERR_OPTION_INVALID', message.replaceAll('policies.0.', ''))
}
