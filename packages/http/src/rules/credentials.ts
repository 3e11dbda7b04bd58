import type { IncomingHttpHeaders } from 'node:http'

/**
 * What a request says of who sends it, as far as its key does not: `authorization` for an
 * Authorization field, `ambient` for a Cookie or one of the fields that commonly carry a token or
 * a user's name.
 */
export type Credentials = 'none' | 'ambient' | 'authorization'

/** Which credentials count, for a route. */
export interface CredentialRules {
  /** Authorization is part of the key. */
  readonly isAuthorizationKeyed: boolean
  /** The whole Cookie field is part of the key. */
  readonly isCookieKeyed: boolean
  /** Fields whose presence makes a request somebody's own, in lower case. */
  readonly ambientFields: readonly string[]
}

const AMBIENT_FIELDS = [
  'cookie',
  'x-api-key',
  'x-auth-token',
  'x-access-token',
  // What proxies that do the authenticating say of the user.
  'x-forwarded-user',
  'x-remote-user',
  'x-auth-request-user',
]

/**
 * Which credentials count where `keyHeaders` are part of the key, and where somebody has said which
 * cookies matter (`keyCookies` or `bypassCookies`): then the others do not.
 */
export function resolveCredentialRules(
  keyHeaders: readonly string[],
  areCookiesDeclared: boolean,
): CredentialRules {
  return {
    isAuthorizationKeyed: keyHeaders.includes('authorization'),
    isCookieKeyed: keyHeaders.includes('cookie'),
    ambientFields: AMBIENT_FIELDS.filter(
      (name) => !keyHeaders.includes(name) && !(name === 'cookie' && areCookiesDeclared),
    ),
  }
}

/** The credentials that a request carries beside its key. */
export function readCredentials(headers: IncomingHttpHeaders, rules: CredentialRules): Credentials {
  if (headers.authorization !== undefined && !rules.isAuthorizationKeyed) return 'authorization'
  for (const name of rules.ambientFields) if (headers[name] !== undefined) return 'ambient'
  return 'none'
}
