import { NEVER } from './algorithms/algorithm.ts'
import type { RateLimitDecision } from './decision.ts'
import type { Outcome } from './driver.ts'

/** What a decision is made from. */
interface Decided {
  readonly key: string
  readonly outcome: Outcome
  readonly decidedBy: RateLimitDecision['decidedBy']
  readonly mode: 'enforce' | 'shadow'
}

/** Puts what a driver decided into the caller's words. */
export function formDecision({ key, outcome, decidedBy, mode }: Decided): RateLimitDecision {
  const { allowed, charges } = outcome
  return {
    allowed: allowed || mode === 'shadow',
    isRefusal: !allowed,
    reason: reasonOf(outcome),
    policies: outcome.policies,
    retryAfterMs: allowed ? 0 : retryAfter(outcome),
    decidedBy,
    lease: charges.length === 0 ? undefined : { key, charges, isLocal: decidedBy === 'local' },
  }
}

function reasonOf({ allowed, bannedForMs }: Outcome): RateLimitDecision['reason'] {
  if (allowed) return 'ok'
  return bannedForMs > 0 ? 'banned' : 'quota'
}

/** When every policy fits and no ban holds; never where one policy never fits. */
function retryAfter({ waitMs, bannedForMs }: Outcome): number | undefined {
  return waitMs === NEVER ? undefined : Math.max(bannedForMs, waitMs)
}
