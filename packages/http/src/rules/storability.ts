import type { ResponseDirectives } from '../fields/cache-control.ts'
import { parseEntityTag } from '../fields/entity-tag.ts'
import { type Audience, isInAudience, readAudience } from './audience.ts'
import type { Credentials } from './credentials.ts'
import { readEffectiveVary } from './effective-vary.ts'
import type { HeadView } from './head-view.ts'
import { guessLifetime } from './heuristic.ts'
import { readInitialAge } from './initial-age.ts'
import { readLifetime } from './lifetime.ts'
import { demandsValidation, type ResponseControl, readControl } from './response-control.ts'
import { decideRetention } from './retention.ts'
import { decideStaleWindows, type StaleDefaults, type StaleWindows } from './stale-windows.ts'
import { hasValidator } from './validation.ts'

/** The options that bear on storing. */
export interface StoragePolicy extends StaleDefaults {
  readonly ttlMs: number
  readonly maxTtlMs: number
  /** The part of its age at which a response that says nothing is taken to be fresh; 0 for none. */
  readonly heuristic: number
  /** Fields that go before Cache-Control, in lower case. */
  readonly targets: readonly string[]
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
  | 'unsaid'
  | 'expired'
  | 'too-large'

/** Whether a response is kept, and how. */
export type Storability =
  | {
      kind: 'store'
      /** Remaining freshness, from now. 0: to be validated before each use. */
      ttlMs: number
      /** How long after that it is of use. */
      retentionMs: number
      windows: StaleWindows
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

/** Whether the response to a GET may be stored (RFC 9111 section 3), by its head. */
export function decideStorability(
  head: HeadView,
  policy: StoragePolicy,
  situation: StorageSituation,
): Storability {
  const control = readControl(head, policy.targets)
  const because =
    refuseByStatus(head, control.directives, policy) ??
    refuseByDirectives(control.directives, situation) ??
    refuseByFields(head, control.directives, policy, situation)
  return because === undefined ? decideLifetime(head, control, policy, situation) : refuse(because)
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
  directives: ResponseDirectives,
  { isPartitioned }: StorageSituation,
): Refusal | undefined {
  // Whoever understands the status may pass over a no-store beside must-understand.
  if (directives.noStore && !directives.mustUnderstand) return 'no-store'
  return directives.isPrivate && !isPartitioned ? 'private' : undefined
}

function refuseByFields(
  head: HeadView,
  { fieldsNotKept }: ResponseDirectives,
  policy: StoragePolicy,
  { origin }: StorageSituation,
): Refusal | undefined {
  const isCookieKept = policy.setCookie === 'refuse' && !fieldsNotKept.includes('set-cookie')
  if (isCookieKept && head.get('set-cookie') !== undefined) return 'set-cookie'
  if (head.get('content-type')?.startsWith('text/event-stream')) return 'event-stream'
  if (Number(head.get('content-length') ?? 0) > policy.maxBodyBytes) return 'too-large'
  return readEffectiveVary(head, origin).kind === 'unmatchable' ? 'vary' : undefined
}

function decideLifetime(
  head: HeadView,
  control: ResponseControl,
  policy: StoragePolicy,
  { credentials, origin, delayMs, nowMs }: StorageSituation,
): Storability {
  const { directives } = control
  const date = head.get('date')
  const mustValidate = demandsValidation(head, control)
  const said = readLifetime({ directives, expires: control.expires, date }, nowMs)
  const lifetimeMs =
    said.kind === 'explicit' ? said.ms : assumeLifetime(head, control, policy, nowMs)
  if (lifetimeMs === undefined && !(mustValidate && isUsual(head.status, policy))) {
    return refuse(mustValidate ? 'no-cache' : 'unsaid')
  }
  const initialAgeMs = readInitialAge({ age: head.get('age'), date }, delayMs, nowMs)
  const remainingMs = (lifetimeMs ?? 0) - initialAgeMs
  const leftMs = Math.min(remainingMs, policy.maxTtlMs)
  const ttlMs = mustValidate ? 0 : Math.max(leftMs, 0)
  const audience = readAudience(directives, said.kind === 'explicit' && ttlMs > 0)
  if (!isInAudience(audience, credentials)) return refuse('credentials')
  const isValidatable = canBeValidated(head)
  if (ttlMs === 0 && !isValidatable) return refuse(mustValidate ? 'no-cache' : 'expired')
  const windows = decideStaleWindows(directives, policy, Math.max(-remainingMs, 0))
  const vary = readEffectiveVary(head, origin)
  return {
    kind: 'store',
    ttlMs,
    retentionMs: decideRetention(ttlMs, windows, isValidatable),
    windows,
    initialAgeMs,
    audience,
    vary: vary.kind === 'fields' ? vary.names : [],
    fieldsNotKept: directives.fieldsNotKept,
  }
}

/** How long a response is fresh that says nothing of it; `undefined` when it is not to be kept. */
function assumeLifetime(
  head: HeadView,
  { directives }: ResponseControl,
  policy: StoragePolicy,
  nowMs: number,
): number | undefined {
  const fields = { lastModified: head.get('last-modified'), date: head.get('date') }
  const guessedMs = guessLifetime(head.status, fields, policy.heuristic, directives.isPublic, nowMs)
  if (guessedMs !== undefined) return guessedMs
  return policy.ttlMs > 0 && isUsual(head.status, policy) ? policy.ttlMs : undefined
}

function isUsual(status: number, { statuses }: StoragePolicy): boolean {
  return (statuses ?? USUAL_STATUSES).has(status)
}

function canBeValidated(head: HeadView): boolean {
  const etag = parseEntityTag(head.get('etag'))
  return hasValidator({ etag, lastModified: head.get('last-modified') })
}
