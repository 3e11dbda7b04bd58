import { NEVER } from './algorithms/algorithm.ts'
import type { PolicyStatus, RateLimitDecision } from './decision.ts'
import type { Outcome } from './driver.ts'
import type { Asked } from './questions.ts'

/** What a decision is made from. */
interface Decided {
  readonly key: string
  readonly asked: Asked
  readonly outcome: Outcome
  readonly decidedBy: RateLimitDecision['decidedBy']
  readonly mode: 'enforce' | 'shadow'
}

/** Puts what a driver decided into the caller's words. */
export function formDecision({ key, asked, outcome, decidedBy, mode }: Decided): RateLimitDecision {
  const isRefusal = !outcome.allowed
  const { charges } = outcome
  const isLocal = decidedBy === 'local'
  return {
    allowed: outcome.allowed || mode === 'shadow',
    isRefusal,
    reason: reasonOf(outcome),
    policies: statusesOf(asked, outcome),
    retryAfterMs: isRefusal ? retryAfter(outcome) : 0,
    decidedBy,
    lease: charges.length === 0 ? undefined : { key, charges, isLocal },
  }
}

function reasonOf({ allowed, bannedForMs }: Outcome): RateLimitDecision['reason'] {
  if (allowed) return 'ok'
  return bannedForMs > 0 ? 'banned' : 'quota'
}

function statusesOf({ question, names }: Asked, { judged }: Outcome): PolicyStatus[] {
  return judged.map(({ fits, remaining, resetMs }, at) => {
    const { rule } = question.items[at] as Asked['question']['items'][number]
    return {
      name: names[at] as string,
      limit: rule.limit,
      windowMs: rule.windowMs,
      remaining,
      resetMs,
      isExceeded: !fits,
      isConcurrency: rule.algorithm === 'concurrency',
    }
  })
}

/** When every policy fits and no ban holds; never where one policy never fits. */
function retryAfter({ judged, bannedForMs }: Outcome): number | undefined {
  if (judged.some(({ waitMs }) => waitMs === NEVER)) return undefined
  return Math.max(bannedForMs, ...judged.map(({ waitMs }) => waitMs))
}
