import type { Rule } from './algorithms/algorithm.ts'
import type { Judged } from './algorithms/judge.ts'

/** How one policy stands after a decision. */
export interface PolicyStatus {
  readonly name: string
  /** Units per window, or the burst where one is smaller or larger; while Redis is away, this process's share. */
  readonly limit: number
  readonly windowMs: number
  readonly remaining: number
  /** Until the whole quota is there again. */
  readonly resetMs: number
  /** Whether this policy refuses. */
  readonly isExceeded: boolean
  readonly isConcurrency: boolean
}

/** How the policy of that rule stands, as it was judged. */
export function statusOf(
  name: string,
  { limit, windowMs, algorithm }: Rule,
  { fits, remaining, resetMs }: Omit<Judged, 'waitMs'>,
): PolicyStatus {
  const isConcurrency = algorithm === 'concurrency'
  return { name, limit, windowMs, remaining, resetMs, isExceeded: !fits, isConcurrency }
}
