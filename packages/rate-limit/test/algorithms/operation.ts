import type { Mark, Rule, State } from '../../src/algorithms/algorithm.ts'
import { ALGORITHMS } from '../../src/algorithms/algorithms.ts'
import { renewLease } from '../../src/algorithms/concurrency.ts'
import { judge } from '../../src/algorithms/judge.ts'

/** One step of a history of one client under one rule. */
export interface Operation {
  readonly do: 'consume' | 'force' | 'refund' | 'renew'
  /** Milliseconds since the step before; negative where the clock was set back. */
  readonly afterMs: number
  readonly cost: number
  /** Of a refund or a renewal: which of the charges so far, counted from the first. */
  readonly of: number
}

/** What is there after a step, as numbers only. */
export type Trace = readonly (readonly number[])[]

export const START_MS = 1_700_000_000_000

interface Made {
  readonly cost: number
  readonly mark: Mark
}

/** Runs a history by the steps in TypeScript. */
export function runSteps(rule: Rule, operations: readonly Operation[]): Trace {
  const steps = ALGORITHMS[rule.algorithm]
  const charges: Made[] = []
  let nowMs = START_MS
  let state: State = []
  return operations.map((operation, at) => {
    nowMs += operation.afterMs
    state = steps.roll(rule, state, nowMs)
    const { fits, remaining, resetMs, waitMs } = judge(rule, state, nowMs, operation.cost)
    const charge = charges[operation.of % charges.length]
    if (operation.do === 'force' || (operation.do === 'consume' && fits)) {
      const added = steps.add(rule, state, nowMs, operation.cost, at + 1)
      state = added.state
      charges.push({ cost: operation.cost, mark: added })
    } else if (operation.do === 'refund' && charge !== undefined) {
      state = steps.giveBack(rule, state, nowMs, charge.cost, charge.mark)
    } else if (operation.do === 'renew' && charge !== undefined) {
      state =
        rule.algorithm === 'concurrency'
          ? renewLease(rule.windowMs, state, nowMs, charge.mark.place)
          : state
    }
    return [fits ? 1 : 0, remaining, resetMs, waitMs, ...state]
  })
}
