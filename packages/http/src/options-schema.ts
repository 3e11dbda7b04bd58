import {
  type Cache,
  type CacheOptions,
  type Clock,
  type RedisInput,
  systemClock,
} from '@hotpath/core'
import {
  durationSchema,
  functionSchema,
  givenSchema,
  invalidOption,
  resolveOptions,
} from '@hotpath/core/base'
import { z } from 'zod'
import type { ResponseCacheOptions, RouteCacheOptions } from './options.ts'
import type { ResponseView } from './recording/response-head.ts'

const DEFAULT_MAX_BODY_BYTES = 1024 * 1024

const FIELD_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/

const fieldName = z
  .string()
  .regex(FIELD_NAME, 'the name of a request field')
  .transform((name) => name.toLowerCase())

const cookieName = z.string().regex(/^[^\s;,=]+$/, 'the name of a cookie')

const pattern = z.union([z.string().min(1), z.instanceof(RegExp)])

const query = z
  .strictObject({
    allow: z.array(pattern).optional(),
    ignore: z.array(pattern).optional(),
    sort: z.boolean().default(false),
  })
  .refine(({ allow, ignore }) => allow === undefined || ignore === undefined, {
    path: ['ignore'],
    message: 'either allow or ignore, not both',
  })

const cacheName = z
  .string()
  .regex(/^[A-Za-z*][A-Za-z0-9:/!#$%&'*+.^_`|~-]*$/, 'a token that starts with a letter')

const cacheStatus = z
  .union([
    z.boolean(),
    cacheName,
    z.strictObject({ name: cacheName.default('hotpath'), key: z.boolean().default(false) }),
  ])
  .default(true)
  .transform((given) => {
    if (typeof given === 'object') return given
    return given === false ? undefined : { name: given === true ? 'hotpath' : given, key: false }
  })

/** A value of Cache-Control: visible ASCII and blanks. */
const fieldValue = z.string().regex(/^[\t\x20-\x7e]+$/, 'the value of a Cache-Control field')

/** {@link RouteCacheOptions} with everything filled in; durations in milliseconds. */
export interface ParsedRouteOptions<Req> {
  ttl: number
  maxTtl: number
  heuristic: number
  staleWhileRevalidate: number
  staleIfError: number
  targets: string[]
  clientCacheControl?:
    | string
    | ((request: Req, response: ResponseView) => string | undefined)
    | undefined
  etag: 'strong' | 'weak' | false
  key?: ((request: Req) => string) | undefined
  keyHeaders: string[]
  keyCookies?: string[] | undefined
  query?: ParsedQueryOptions | undefined
  scope?: ((request: Req) => string | number | null | undefined) | undefined
  tags?:
    | readonly string[]
    | ((request: Req, response: ResponseView) => readonly string[])
    | undefined
  when?: ((request: Req) => boolean) | undefined
  skip?: ((request: Req) => boolean) | undefined
  shouldStore?: ((request: Req, response: ResponseView) => boolean) | undefined
  statuses?: number[] | undefined
  bypassCookies?: (string | RegExp)[] | undefined
  setCookie: 'refuse' | 'strip'
  ignoreClientAbort: boolean
  maxBodyBytes: number
  collapse: boolean
  honorRequestCacheControl: boolean
  invalidateOnUnsafe: boolean
  /** The cache's name in Cache-Status, and whether its key stands there; `undefined` for none of it. */
  cacheStatus?: { readonly name: string; readonly key: boolean } | undefined
}

interface ParsedQueryOptions {
  allow?: (string | RegExp)[] | undefined
  ignore?: (string | RegExp)[] | undefined
  sort: boolean
}

function routeSchema<Req>(): z.ZodType<ParsedRouteOptions<Req>> {
  return z.strictObject({
    ttl: durationSchema.default(0),
    maxTtl: durationSchema.default(Number.POSITIVE_INFINITY),
    heuristic: z.number().min(0).max(1).default(0),
    staleWhileRevalidate: durationSchema.default(0),
    staleIfError: durationSchema.default(0),
    targets: z.array(fieldName).default([]),
    clientCacheControl: z
      .union([
        fieldValue,
        functionSchema<(request: Req, response: ResponseView) => string | undefined>(),
      ])
      .optional(),
    etag: z.enum(['strong', 'weak']).or(z.literal(false)).default(false),
    key: functionSchema<(request: Req) => string>().optional(),
    keyHeaders: z.array(fieldName).default([]),
    keyCookies: z.array(cookieName).optional(),
    query: query.optional(),
    scope: functionSchema<(request: Req) => string | number | null | undefined>().optional(),
    tags: z
      .union([
        z.array(z.string().min(1).max(500)),
        functionSchema<(request: Req, response: ResponseView) => readonly string[]>(),
      ])
      .optional(),
    when: functionSchema<(request: Req) => boolean>().optional(),
    skip: functionSchema<(request: Req) => boolean>().optional(),
    shouldStore: functionSchema<(request: Req, response: ResponseView) => boolean>().optional(),
    statuses: z.array(z.int().min(200).max(599)).optional(),
    bypassCookies: z.array(pattern).optional(),
    setCookie: z.enum(['refuse', 'strip']).default('refuse'),
    ignoreClientAbort: z.boolean().default(false),
    maxBodyBytes: z.int().min(0).default(DEFAULT_MAX_BODY_BYTES),
    collapse: z.boolean().default(true),
    honorRequestCacheControl: z.boolean().default(false),
    invalidateOnUnsafe: z.boolean().default(true),
    cacheStatus,
  })
}

/** Checks the options of a route, those left out taken from `outer`. */
export function resolveRouteOptions<Req>(
  entryPoint: string,
  outer: RouteCacheOptions<Req>,
  options: RouteCacheOptions<Req> | undefined,
): ParsedRouteOptions<Req> {
  const given = isObject(options) ? { ...outer, ...withoutUndefined(options) } : (options ?? outer)
  return resolveOptions(entryPoint, routeSchema<Req>(), given)
}

/** Where responses are kept. */
export interface StoreOptions {
  cache?: Cache | undefined
  redis?: RedisInput | undefined
  memory?: CacheOptions['memory']
  namespace?: string | undefined
  /** The factor of early refreshes; 0 for none. */
  earlyRefresh: number
  clock: Clock
}

const storeSchema: z.ZodType<StoreOptions> = z
  .strictObject({
    cache: givenSchema<Cache>('a cache made by createCache()', isCache).optional(),
    redis: z.custom<RedisInput>().optional(),
    memory: z.custom<CacheOptions['memory']>().optional(),
    namespace: z.string().optional(),
    earlyRefresh: z
      .union([z.boolean(), z.strictObject({ beta: z.number().positive().max(100).default(1) })])
      .default(false)
      .transform((given) => (typeof given === 'boolean' ? Number(given) : given.beta)),
    clock: givenSchema<Clock>('a Clock', isObject).default(systemClock),
  })
  .superRefine(({ cache, ...own }, context) => {
    if (cache === undefined) return
    for (const name of ['redis', 'memory', 'namespace'] as const) {
      if (own[name] === undefined) continue
      const message = 'to be left to the cache given as `cache`'
      context.addIssue({ code: 'custom', path: [name], message })
    }
  })

/** Tells the options of the store from those of its routes. */
export function splitOptions<Req>(
  entryPoint: string,
  options: ResponseCacheOptions<Req> | undefined,
): { store: StoreOptions; routes: RouteCacheOptions<Req> } {
  if (options !== undefined && !isObject(options)) {
    throw invalidOption(`${entryPoint}: options`, options, 'an object')
  }
  const { cache, redis, memory, namespace, earlyRefresh, clock, ...routes } = options ?? {}
  const given = { cache, redis, memory, namespace, earlyRefresh, clock }
  return { store: resolveOptions(entryPoint, storeSchema, given), routes }
}

function withoutUndefined<T extends object>(options: T): Partial<T> {
  const defined = Object.entries(options).filter(([, value]) => value !== undefined)
  return Object.fromEntries(defined) as Partial<T>
}

function isCache(input: unknown): boolean {
  return isObject(input) && typeof Reflect.get(input, 'getOrSetEntry') === 'function'
}

function isObject(input: unknown): input is object {
  return typeof input === 'object' && input !== null && !Array.isArray(input)
}
