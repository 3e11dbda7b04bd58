import { type Item, serializeList } from 'structured-headers'
import type { PolicyStatus } from '../policy-status.ts'

/** Which edition of draft-ietf-httpapi-ratelimit-headers the fields follow. */
export type FieldEdition = 'draft-10' | 'draft-8' | 'draft-7' | 'draft-6'

/** Response fields, names as they are written. */
export type Fields = Readonly<Record<string, string>>

/**
 * What a response says of the limits. Seconds are rounded up. The editions up to 7 and the legacy
 * fields know one policy only: the one with the least left.
 */
export function formatFields(
  edition: FieldEdition | false,
  isLegacy: boolean,
  policies: readonly PolicyStatus[],
  nowMs: number,
): Fields {
  const [first, ...others] = policies
  if (first === undefined) return {}
  const tightest = others.reduce((one, other) => (isTighter(other, one) ? other : one), first)
  return {
    ...(edition === false ? {} : FORMATS[edition](policies, tightest)),
    ...(isLegacy ? legacy(tightest, nowMs) : {}),
  }
}

type Format = (policies: readonly PolicyStatus[], tightest: PolicyStatus) => Fields

const FORMATS: Readonly<Record<FieldEdition, Format>> = {
  'draft-10': structured,
  'draft-8': structured,
  'draft-7': (policies, { limit, remaining, resetMs }) => ({
    'RateLimit-Policy': oldPolicies(policies),
    RateLimit: `limit=${limit}, remaining=${remaining}, reset=${seconds(resetMs)}`,
  }),
  'draft-6': (policies, { limit, remaining, resetMs }) => ({
    'RateLimit-Policy': oldPolicies(policies),
    'RateLimit-Limit': String(limit),
    'RateLimit-Remaining': String(remaining),
    'RateLimit-Reset': String(seconds(resetMs)),
  }),
}

/** Lists of the policies' names, what is known of each as parameters (RFC 9651). */
function structured(policies: readonly PolicyStatus[]): Fields {
  return {
    'RateLimit-Policy': serializeList(policies.map(policyItem)),
    RateLimit: serializeList(policies.map(statusItem)),
  }
}

function policyItem({ name, limit, windowMs, isConcurrency }: PolicyStatus): Item {
  if (isConcurrency)
    return [
      name,
      new Map([
        ['q', whole(limit)],
        ['qu', 'concurrent-requests'],
      ] as [string, string | number][]),
    ]
  return [
    name,
    new Map([
      ['q', whole(limit)],
      ['w', seconds(windowMs)],
    ]),
  ]
}

function statusItem({ name, remaining, resetMs, isConcurrency }: PolicyStatus): Item {
  if (isConcurrency) return [name, new Map([['r', whole(remaining)]])]
  return [
    name,
    new Map([
      ['r', whole(remaining)],
      ['t', seconds(resetMs)],
    ]),
  ]
}

function oldPolicies(policies: readonly PolicyStatus[]): string {
  return policies.map(({ limit, windowMs }) => `${limit};w=${seconds(windowMs)}`).join(', ')
}

function legacy({ limit, remaining, resetMs }: PolicyStatus, nowMs: number): Fields {
  return {
    'X-RateLimit-Limit': String(limit),
    'X-RateLimit-Remaining': String(remaining),
    'X-RateLimit-Reset': String(seconds(nowMs + resetMs)),
  }
}

function isTighter(one: PolicyStatus, other: PolicyStatus): boolean {
  if (one.remaining !== other.remaining) return one.remaining < other.remaining
  return one.resetMs > other.resetMs
}

function seconds(ms: number): number {
  return Math.ceil(ms / 1000)
}

/** The most that a structured field can say (RFC 9651 section 3.3.1): a limit above it is none to anybody. */
const MOST = 999_999_999_999_999

function whole(units: number): number {
  return Math.min(units, MOST)
}
