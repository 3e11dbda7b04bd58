import { type Item, serializeItem } from 'structured-headers'
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
  return new FieldFormat(edition, isLegacy).format(policies, nowMs)
}

/** Formats fields for one response after another, and what they have in common once. */
export class FieldFormat {
  readonly #edition: FieldEdition | false
  readonly #isLegacy: boolean
  readonly #items = new PolicyItems()

  constructor(edition: FieldEdition | false, isLegacy: boolean) {
    this.#edition = edition
    this.#isLegacy = isLegacy
  }

  format(policies: readonly PolicyStatus[], nowMs: number): Fields {
    if (policies.length === 0) return {}
    const isStructured = this.#edition === 'draft-10' || this.#edition === 'draft-8'
    if (isStructured && !this.#isLegacy) return this.#items.format(policies)
    const tightest = policies.reduce((one, other) => (isTighter(other, one) ? other : one))
    return {
      ...(isStructured ? this.#items.format(policies) : {}),
      ...(this.#edition === 'draft-7' ? draft7(policies, tightest) : {}),
      ...(this.#edition === 'draft-6' ? draft6(policies, tightest) : {}),
      ...(this.#isLegacy ? legacy(tightest, nowMs) : {}),
    }
  }
}

/** A policy's items but for what a request changes: of `RateLimit-Policy` all, of `RateLimit` the name. */
interface Known {
  readonly name: string
  readonly limit: number
  readonly windowMs: number
  readonly isConcurrency: boolean
  readonly policy: string
  readonly status: string
}

/** Lists of the policies' names, what is known of each as parameters (RFC 9651). */
class PolicyItems {
  /** By the policy's place: mostly one place has one policy for good. */
  readonly #known: Known[] = []

  format(policies: readonly PolicyStatus[]): Fields {
    let about = ''
    let left = ''
    for (let at = 0; at < policies.length; at += 1) {
      const status = policies[at] as PolicyStatus
      const known = this.#find(status, at)
      const comma = at === 0 ? '' : ', '
      about += comma + known.policy
      left += `${comma}${known.status};r=${whole(status.remaining)}`
      if (!status.isConcurrency) left += `;t=${seconds(status.resetMs)}`
    }
    return { 'RateLimit-Policy': about, RateLimit: left }
  }

  #find(status: PolicyStatus, at: number): Known {
    const { name, limit, windowMs, isConcurrency } = status
    const known = this.#known[at]
    if (known !== undefined && isSame(known, status)) return known
    const policy = serializeItem(policyItem(status))
    const made = { name, limit, windowMs, isConcurrency, policy, status: serializeItem(name) }
    this.#known[at] = made
    return made
  }
}

function isSame(known: Known, { name, limit, windowMs, isConcurrency }: PolicyStatus): boolean {
  const isNamed = known.name === name && known.isConcurrency === isConcurrency
  return isNamed && known.limit === limit && known.windowMs === windowMs
}

function policyItem({ name, limit, windowMs, isConcurrency }: PolicyStatus): Item {
  const quota = ['q', whole(limit)] as const
  const unit = isConcurrency
    ? (['qu', 'concurrent-requests'] as const)
    : (['w', seconds(windowMs)] as const)
  return [name, new Map<string, string | number>([quota, unit])]
}

function draft7(
  policies: readonly PolicyStatus[],
  { limit, remaining, resetMs }: PolicyStatus,
): Fields {
  return {
    'RateLimit-Policy': oldPolicies(policies),
    RateLimit: `limit=${limit}, remaining=${remaining}, reset=${seconds(resetMs)}`,
  }
}

function draft6(
  policies: readonly PolicyStatus[],
  { limit, remaining, resetMs }: PolicyStatus,
): Fields {
  return {
    'RateLimit-Policy': oldPolicies(policies),
    'RateLimit-Limit': String(limit),
    'RateLimit-Remaining': String(remaining),
    'RateLimit-Reset': String(seconds(resetMs)),
  }
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
