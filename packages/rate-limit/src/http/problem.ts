import type { RateLimitDecision } from '../decision.ts'

/** A response that refuses. */
export interface Refusal {
  readonly status: 403 | 429 | 503
  /** RFC 9457. */
  readonly contentType: 'application/problem+json'
  readonly body: string
}

const TYPES = 'https://iana.org/assignments/http-problem-types#'

/** What each reason is called in draft-ietf-httpapi-ratelimit-headers-10 section 6, or RFC 9110. */
const PROBLEMS = {
  quota: {
    status: 429,
    type: `${TYPES}quota-exceeded`,
    title: 'Request cannot be satisfied as assigned quota has been exceeded',
  },
  banned: {
    status: 429,
    type: `${TYPES}abnormal-usage-detected`,
    title: 'Request not satisfied due to detection of abnormal request pattern',
  },
  store: {
    status: 503,
    type: `${TYPES}temporary-reduced-capacity`,
    title: 'Request cannot be satisfied due to temporary server capacity constraints',
  },
  denied: { status: 403, type: 'about:blank', title: 'Forbidden' },
} as const

/** The problem document for a refusal; `violated-policies` names those that refuse. */
export function formatRefusal({ reason, policies }: RateLimitDecision): Refusal {
  const { status, type, title } = PROBLEMS[reason === 'ok' ? 'quota' : reason]
  const violated = policies.filter(({ isExceeded }) => isExceeded).map(({ name }) => name)
  const more = reason === 'quota' ? { 'violated-policies': violated } : {}
  const body = JSON.stringify({ type, title, status, ...more })
  return { status, contentType: 'application/problem+json', body }
}
