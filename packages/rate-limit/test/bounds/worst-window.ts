import type { Rule } from '../../src/algorithms/algorithm.ts'
import type { Operation } from '../algorithms/operation.ts'
import { START_MS, type Trace } from '../algorithms/operation.ts'

/** An attacker's plan: how long to wait, and how often to try then. */
export type Plan = readonly { readonly afterMs: number; readonly tries: number }[]

/** Each try a request of its own. */
export function operationsOf(plan: Plan): Operation[] {
  return plan.flatMap(({ afterMs, tries }) =>
    Array.from({ length: tries }, (_, at) => ({
      do: 'consume' as const,
      afterMs: at === 0 ? afterMs : 0,
      cost: 1,
      of: 0,
    })),
  )
}

/** The most that were admitted in any span of one window, its end not included. */
export function worstWindow(
  { windowMs }: Rule,
  operations: readonly Operation[],
  trace: Trace,
): number {
  const admittedMs: number[] = []
  let nowMs = START_MS
  for (const [at, { afterMs }] of operations.entries()) {
    nowMs += afterMs
    if (trace[at]?.[0] === 1) admittedMs.push(nowMs)
  }
  let worst = 0
  let from = 0
  for (const [at, ms] of admittedMs.entries()) {
    while ((admittedMs[from] as number) <= ms - windowMs) from += 1
    worst = Math.max(worst, at - from + 1)
  }
  return worst
}
