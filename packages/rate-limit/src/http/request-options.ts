import type { Duration } from '@hotpath/core'
import { durationSchema, functionSchema, invalidOption, resolveOptions } from '@hotpath/core/base'
import { z } from 'zod'
import type { RateLimiterOptions } from '../options.ts'
import type { ClientKeyOptions } from './client-key.ts'
import type { FieldEdition } from './fields.ts'

/** Keys, addresses and networks, or what tells for a request and its key. */
export type ClientList<Req> =
  | readonly string[]
  | ((request: Req, key: string) => boolean | Promise<boolean>)

/** Options of the rate limits of an app or a route. `Req` is the framework's request. */
export interface RequestLimitOptions<Req = unknown>
  extends RateLimiterOptions<Req>,
    ClientKeyOptions {
  /** Whose limit it is. @defaultValue {@link clientKey} by `ipv6Subnet` and `trustProxy` */
  key?: ((request: Req) => string | Promise<string>) | undefined
  /** Requests for which it gives true are let through, uncounted. */
  skip?: ((request: Req) => boolean | Promise<boolean>) | undefined
  /** Clients that are let through, uncounted. */
  allowList?: ClientList<Req> | undefined
  /** Clients that are refused with 403. */
  denyList?: ClientList<Req> | undefined
  /** Whether responses of 400 and above, and broken-off ones, give back what they charged. @defaultValue false */
  skipFailedRequests?: boolean | undefined
  /** Whether responses below 400 give back what they charged. @defaultValue false */
  skipSuccessfulRequests?: boolean | undefined
  /** Which edition of draft-ietf-httpapi-ratelimit-headers the fields follow. @defaultValue `'draft-10'` */
  fields?: FieldEdition | false | undefined
  /** Whether there are X-RateLimit-Limit, -Remaining and -Reset (seconds since 1970) as well. @defaultValue false */
  legacyHeaders?: boolean | undefined
  /** Up to how much is added to Retry-After by chance, so that clients do not come back all at once. @defaultValue 0 */
  retryAfterJitter?: Duration | undefined
}

/** The part of {@link RequestLimitOptions} that is about requests, filled in. */
export interface RequestSettings<Req> {
  key?: ((request: Req) => string | Promise<string>) | undefined
  skip?: ((request: Req) => boolean | Promise<boolean>) | undefined
  allowList: ClientList<Req>
  denyList: ClientList<Req>
  skipFailedRequests: boolean
  skipSuccessfulRequests: boolean
  fields: FieldEdition | false
  legacyHeaders: boolean
  retryAfterJitter: number
}

function requestSchema<Req>(): z.ZodType<RequestSettings<Req>> {
  const list = z
    .union([
      z.array(z.string()),
      functionSchema<(request: Req, key: string) => boolean | Promise<boolean>>(),
    ])
    .default([])
  return z.strictObject({
    key: functionSchema<(request: Req) => string | Promise<string>>().optional(),
    skip: functionSchema<(request: Req) => boolean | Promise<boolean>>().optional(),
    allowList: list,
    denyList: list,
    skipFailedRequests: z.boolean().default(false),
    skipSuccessfulRequests: z.boolean().default(false),
    fields: z
      .union([z.literal(false), z.enum(['draft-10', 'draft-8', 'draft-7', 'draft-6'])])
      .default('draft-10'),
    legacyHeaders: z.boolean().default(false),
    retryAfterJitter: durationSchema.default(0),
  })
}

/** {@link RequestLimitOptions} in their parts. */
export interface SplitRequestOptions<Req> {
  readonly settings: RequestSettings<Req>
  readonly client: ClientKeyOptions
  readonly limiter: RateLimiterOptions<Req>
}

/** Tells what is about requests from what is about limits, and checks the former. */
export function splitRequestOptions<Req>(
  entryPoint: string,
  options: RequestLimitOptions<Req>,
): SplitRequestOptions<Req> {
  if (typeof options !== 'object' || options === null) {
    throw invalidOption(`${entryPoint}: options`, options, 'an object')
  }
  const { key, skip, allowList, denyList, ...more } = options
  const { skipFailedRequests, skipSuccessfulRequests, ...less } = more
  const { fields, legacyHeaders, retryAfterJitter, ipv6Subnet, trustProxy, ...limiter } = less
  const lists = { key, skip, allowList, denyList, skipFailedRequests, skipSuccessfulRequests }
  const given = { ...lists, fields, legacyHeaders, retryAfterJitter }
  const settings = resolveOptions(entryPoint, requestSchema<Req>(), given)
  return { settings, client: { ipv6Subnet, trustProxy }, limiter }
}
