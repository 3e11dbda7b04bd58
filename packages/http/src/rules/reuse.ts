import type { RequestDirectives } from '../fields/cache-control.ts'
import { type Audience, isInAudience } from './audience.ts'
import type { Credentials } from './credentials.ts'

/** What a stored response is good for, for one request (RFC 9111 section 4). */
export type Reuse =
  | 'use'
  /** The client wants a newer one. */
  | 'reload'
  /** It is not fresh: only what {@link StaleWindows} allow. */
  | 'stale'
  /** It is kept for others; this client's own is the handler's business. */
  | 'not-for-this-client'

/** What a stored response is judged by. */
export interface ReuseFacts {
  readonly audience: Audience
  readonly ageMs: number
  readonly remainingMs: number
}

/** What a request is judged by. */
export interface ReuseSituation {
  readonly credentials: Credentials
  /** What the client's Cache-Control says, if clients have a say. */
  readonly directives: RequestDirectives | undefined
}

/** Whether a stored response that fits the request's Vary may answer it. */
export function decideReuse(
  stored: ReuseFacts,
  { credentials, directives }: ReuseSituation,
): Reuse {
  if (!isInAudience(stored.audience, credentials)) return 'not-for-this-client'
  if (directives !== undefined && wantsNewer(directives, stored)) return 'reload'
  return stored.remainingMs <= 0 ? 'stale' : 'use'
}

function wantsNewer(directives: RequestDirectives, { ageMs, remainingMs }: ReuseFacts): boolean {
  const { noCache, maxAgeMs, minFreshMs } = directives
  if (noCache) return true
  // max-age=0 asks for validation, even of what was made this very millisecond.
  if (maxAgeMs !== undefined && (maxAgeMs === 0 || ageMs > maxAgeMs)) return true
  return minFreshMs !== undefined && remainingMs < minFreshMs
}
