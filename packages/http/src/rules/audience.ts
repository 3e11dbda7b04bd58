import type { ResponseDirectives } from '../fields/cache-control.ts'
import type { Credentials } from './credentials.ts'

/**
 * Whom a response may be kept for and served to.
 *
 * `anyone`: it says `public` or `s-maxage`, or `must-revalidate` beside a lifetime of its own, which
 * is what RFC 9111 section 3.5 asks for. `unauthorized`: it has a lifetime of its own, so it may be
 * shared, but not with requests that carry Authorization. `anonymous`: it says nothing and is kept
 * by `ttl` alone, or must be validated each time, which many say of pages that are one user's own;
 * so only requests without any credentials share it.
 */
export type Audience = 'anyone' | 'unauthorized' | 'anonymous'

/** The audience of a response. `isFresh`: it has a lifetime of its own, and it is not over. */
export function readAudience(directives: ResponseDirectives, isFresh: boolean): Audience {
  if (directives.isPublic || directives.sMaxAgeMs !== undefined) return 'anyone'
  if (!isFresh) return 'anonymous'
  return directives.mustRevalidate ? 'anyone' : 'unauthorized'
}

/** Whether a request with such credentials may have its response kept, or be served a kept one. */
export function isInAudience(audience: Audience, credentials: Credentials): boolean {
  if (audience === 'anyone' || credentials === 'none') return true
  return audience === 'unauthorized' && credentials === 'ambient'
}
