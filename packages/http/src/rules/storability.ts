import { parseResponseDirectives, type ResponseDirectives } from '../fields/cache-control.ts'
import { type Audience, isInAudience, readAudience } from './audience.ts'
import type { Credentials } from './credentials.ts'
import { readEffectiveVary } from './effective-vary.ts'
import type { HeadView } from './head-view.ts'
import { readInitialAge } from './initial-age.ts'
import { readLifetime } from './lifetime.ts'

/** The options that bear on storing. */
export interface StoragePolicy {
  readonly ttlMs: number
  readonly maxTtlMs: number
  /** Statuses that may be kept; `undefined`: any with a lifetime of its own, the usual ones by `ttl`. */
  readonly statuses: ReadonlySet<number> | undefined
  readonly setCookie: 'refuse' | 'strip'
  readonly maxBodyBytes: number
}

/** What there is to know of the request and of the moment. */
export interface StorageSituation {
  /** What identifies the sender and is not in the key. */
  readonly credentials: Credentials
  /** The key is one user's own (`scope`): the rules of a private cache apply. */
  readonly isPartitioned: boolean
  /** The request's Origin. */
  readonly origin: string | undefined
  /** How long the handler took until it wrote the head. */
  readonly delayMs: number
  readonly nowMs: number
}

/** Why a response is not kept. */
export type Refusal =
  | 'status'
  | 'no-store'
  | 'private'
  | 'no-cache'
  | 'set-cookie'
  | 'vary'
  | 'credentials'
  | 'event-stream'
  | 'content-range'
  | 'unsaid'
  | 'expired'
  | 'too-large'

/** Whether a response is kept, and how. */
export type Storability =
  | {
      kind: 'store'
      /** Remaining freshness, from now. */
      ttlMs: number
      initialAgeMs: number
      audience: Audience
      /** The names of its Vary. */
      vary: readonly string[]
      /** Fields that it names as not to be kept, in lower case. */
      fieldsNotKept: readonly string[]
    }
  | { kind: 'refuse'; because: Refusal }

/** Statuses that a bare `ttl` keeps: the heuristically cacheable ones that are no errors (RFC 9110 section 15.1). */
const USUAL_STATUSES: ReadonlySet<number> = new Set([200, 203, 204, 301, 308])

/** Statuses whose meaning for caches is known here, for `must-understand` (RFC 9111 section 5.2.2.3). */
const UNDERSTOOD_STATUSES: ReadonlySet<number> = new Set([
  200, 203, 204, 300, 301, 302, 303, 307, 308, 400, 401, 402, 403, 404, 405, 406, 408, 409, 410,
  411, 413, 414, 415, 417, 421, 422, 426, 500, 501, 502, 503, 504, 505,
])

/**
 * Whether the response to a GET may be stored (RFC 9111 section 3), by its head.
 *
 * There is no validating with the handler yet, so what may not be reused without it is not stored.
 */
export function decideStorability(
  head: HeadView,
  policy: StoragePolicy,
  situation: StorageSituation,
): Storability {
  const directives = parseResponseDirectives(head.get('cache-control'))
  const because =
    refuseByStatus(head, directives, policy) ??
    refuseByDirectives(head, directives, situation) ??
    refuseByFields(head, policy, situation)
  return because === undefined
    ? decideLifetime(head, directives, policy, situation)
    : refuse(because)
}

function refuse(because: Refusal): Storability {
  return { kind: 'refuse', because }
}

function refuseByStatus(
  { status }: HeadView,
  directives: ResponseDirectives,
  { statuses }: StoragePolicy,
): Refusal | undefined {
  // A 206 is a part, a 304 is no representation, a 1xx is not final.
  if (status < 200 || status === 206 || status === 304) return 'status'
  if (directives.mustUnderstand && !UNDERSTOOD_STATUSES.has(status)) return 'status'
  return statuses?.has(status) === false ? 'status' : undefined
}

function refuseByDirectives(
  head: HeadView,
  directives: ResponseDirectives,
  { isPartitioned }: StorageSituation,
): Refusal | undefined {
  // Whoever understands the status may pass over a no-store beside must-understand.
  if (directives.noStore && !directives.mustUnderstand) return 'no-store'
  if (directives.isPrivate && !isPartitioned) return 'private'
  if (directives.noCache) return 'no-cache'
  return !directives.isPresent && head.get('pragma')?.toLowerCase().includes('no-cache')
    ? 'no-cache'
    : undefined
}

function refuseByFields(
  head: HeadView,
  policy: StoragePolicy,
  { origin }: StorageSituation,
): Refusal | undefined {
  if (policy.setCookie === 'refuse' && head.get('set-cookie') !== undefined) return 'set-cookie'
  if (head.get('content-range') !== undefined) return 'content-range'
  if (head.get('content-type')?.startsWith('text/event-stream')) return 'event-stream'
  if (Number(head.get('content-length') ?? 0) > policy.maxBodyBytes) return 'too-large'
  return readEffectiveVary(head, origin).kind === 'unmatchable' ? 'vary' : undefined
}

function decideLifetime(
  head: HeadView,
  directives: ResponseDirectives,
  policy: StoragePolicy,
  { credentials, origin, delayMs, nowMs }: StorageSituation,
): Storability {
  const date = head.get('date')
  const lifetime = readLifetime({ directives, expires: head.get('expires'), date }, nowMs)
  const isExplicit = lifetime.kind === 'explicit'
  if (!isExplicit && !isKeptByTtl(head.status, policy)) return refuse('unsaid')
  const audience = readAudience(directives, isExplicit)
  if (!isInAudience(audience, credentials)) return refuse('credentials')
  const initialAgeMs = readInitialAge({ age: head.get('age'), date }, delayMs, nowMs)
  if (initialAgeMs === undefined) return refuse('expired')
  const lifetimeMs = isExplicit ? lifetime.ms : policy.ttlMs
  const ttlMs = Math.min(lifetimeMs - initialAgeMs, policy.maxTtlMs)
  if (ttlMs <= 0) return refuse('expired')
  const vary = readEffectiveVary(head, origin)
  const names = vary.kind === 'fields' ? vary.names : []
  const { fieldsNotKept } = directives
  return { kind: 'store', ttlMs, initialAgeMs, audience, vary: names, fieldsNotKept }
}

function isKeptByTtl(status: number, { ttlMs, statuses }: StoragePolicy): boolean {
  return ttlMs > 0 && (statuses ?? USUAL_STATUSES).has(status)
}
