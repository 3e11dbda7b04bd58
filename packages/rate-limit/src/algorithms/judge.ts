import { NEVER, type Rule, type State } from './algorithm.ts'
import { ALGORITHMS } from './algorithms.ts'

/** What one rule says of a cost. */
export interface Judged {
  readonly fits: boolean
  /** Units left, after the charge if it was made. */
  readonly remaining: number
  /** Until the whole quota is there again. */
  readonly resetMs: number
  /** Until the cost fits: 0 if it does, {@link NEVER} if it never can. */
  readonly waitMs: number
}

/** Judges `cost`, not charged, on a state that has been rolled to `nowMs`. */
export function judge(rule: Rule, state: State, nowMs: number, cost: number): Judged {
  const steps = ALGORITHMS[rule.algorithm]
  const used = steps.used(rule, state)
  const fits = used + cost <= rule.capacity
  return {
    fits,
    remaining: Math.max(0, rule.capacity - used),
    resetMs: steps.resetMs(rule, state, nowMs),
    waitMs: fits ? 0 : waitFor(rule, state, nowMs, cost),
  }
}

/** Milliseconds until `cost`, which does not fit, does. */
export function waitFor(rule: Rule, state: State, nowMs: number, cost: number): number {
  if (cost > rule.capacity) return NEVER
  return ALGORITHMS[rule.algorithm].waitMs(rule, state, nowMs, cost)
}

/** The longer of two waits; {@link NEVER} is longer than all. */
export function longerWait(one: number, other: number): number {
  return one === NEVER || other === NEVER ? NEVER : Math.max(one, other)
}
