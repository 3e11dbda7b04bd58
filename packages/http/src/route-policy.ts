import type { IncomingHttpHeaders } from 'node:http'
import { hasCookie } from './fields/cookies.ts'
import type { KeyRules } from './keys/cache-key.ts'
import type { QueryRules } from './keys/query.ts'
import type { ParsedRouteOptions } from './options-schema.ts'
import { type CredentialRules, resolveCredentialRules } from './rules/credentials.ts'
import type { StoragePolicy } from './rules/storability.ts'

/** A route's options, as the parts that read them want them. */
export interface RoutePolicy<Req> {
  readonly options: ParsedRouteOptions<Req>
  readonly storage: StoragePolicy
  readonly credentials: CredentialRules
  readonly key: KeyRules
  readonly query: QueryRules | undefined
  /** Whether any option can keep the cache out of a request. */
  readonly canExclude: boolean
}

export function createRoutePolicy<Req>(options: ParsedRouteOptions<Req>): RoutePolicy<Req> {
  const { keyHeaders, keyCookies, bypassCookies, statuses, query } = options
  const areCookiesDeclared = keyCookies !== undefined || bypassCookies !== undefined
  return {
    options,
    storage: {
      ttlMs: options.ttl,
      maxTtlMs: options.maxTtl,
      heuristic: options.heuristic,
      targets: options.targets,
      staleWhileRevalidateMs: options.staleWhileRevalidate,
      staleIfErrorMs: options.staleIfError,
      statuses: statuses && new Set(statuses),
      setCookie: options.setCookie,
      maxBodyBytes: options.maxBodyBytes,
    },
    credentials: resolveCredentialRules(keyHeaders, areCookiesDeclared),
    key: { keyHeaders, keyCookies: keyCookies ?? [] },
    query: query && { allow: query.allow, ignore: query.ignore, sort: query.sort },
    canExclude: [options.when, options.skip, bypassCookies].some((option) => option !== undefined),
  }
}

/** Why the options keep the cache out of a request; `undefined` when they do not. */
export function exclude<Req>(
  { options }: RoutePolicy<Req>,
  request: Req,
  headers: IncomingHttpHeaders,
): 'cookie' | 'when' | 'skip' | undefined {
  if (hasCookie(headers.cookie, options.bypassCookies ?? [])) return 'cookie'
  if (options.when?.(request) === false) return 'when'
  return options.skip?.(request) === true ? 'skip' : undefined
}

/** The partition of a request; `undefined` for the shared one. */
export function scopeOf<Req>({ options }: RoutePolicy<Req>, request: Req): string | undefined {
  const scope = options.scope?.(request)
  return scope === undefined || scope === null || scope === '' ? undefined : String(scope)
}
