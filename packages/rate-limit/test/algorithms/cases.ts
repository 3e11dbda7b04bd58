import type { AlgorithmName, Rule } from '../../src/algorithms/algorithm.ts'
import type { Operation } from './operation.ts'

/** A history and what each step finds before it acts: fits, remaining, reset and wait. */
interface Case {
  readonly name: string
  readonly rule: Rule
  readonly operations: readonly Operation[]
  readonly trace: readonly (readonly number[])[]
}

function rule(
  algorithm: AlgorithmName,
  limit: number,
  windowMs: number,
  more?: Partial<Rule>,
): Rule {
  return { algorithm, limit, windowMs, capacity: limit, buckets: 10, ...more }
}

function take(afterMs: number, cost = 1): Operation {
  return { do: 'consume', afterMs, cost, of: 0 }
}

function giveBack(afterMs: number, of: number): Operation {
  return { do: 'refund', afterMs, cost: 1, of }
}

/** What both the steps and their Lua twins must give, to the number. */
export const CASES: readonly Case[] = [
  {
    name: 'admits twice the limit around an edge, which is its bound',
    rule: rule('fixed-window', 2, 100),
    operations: [take(0), take(99), take(0), take(1), take(0), take(0)],
    trace: [
      [1, 2, 0, 0],
      [1, 1, 1, 0],
      [0, 0, 1, 1],
      [1, 2, 0, 0],
      [1, 1, 100, 0],
      [0, 0, 100, 100],
    ],
  },
  {
    name: 'a refund counts in its own window only',
    rule: rule('fixed-window', 2, 100),
    operations: [take(0), take(100, 2), giveBack(0, 0), take(0)],
    trace: [
      [1, 2, 0, 0],
      [1, 2, 0, 0],
      [0, 0, 100, 100],
      [0, 0, 100, 100],
    ],
  },
  {
    name: 'counts the whole of a sub-bucket until all of it is out of the window',
    rule: rule('sliding-window', 2, 100),
    operations: [take(5), take(0), take(94), take(1), take(9), take(1)],
    trace: [
      [1, 2, 0, 0],
      [1, 1, 105, 0],
      [0, 0, 11, 11],
      [0, 0, 10, 10],
      [0, 0, 1, 1],
      [1, 2, 0, 0],
    ],
  },
  {
    name: 'what costs more than the limit never fits',
    rule: rule('sliding-window', 2, 100),
    operations: [take(0, 3)],
    trace: [[0, 2, 0, -1]],
  },
  {
    name: 'each charge counts for exactly one window',
    rule: rule('sliding-log', 2, 100),
    operations: [take(0), take(50), take(49), take(1), take(0)],
    trace: [
      [1, 2, 0, 0],
      [1, 1, 50, 0],
      [0, 0, 51, 1],
      [1, 1, 50, 0],
      [0, 0, 100, 50],
    ],
  },
  {
    name: 'fills evenly',
    rule: rule('token-bucket', 2, 100),
    operations: [take(0, 2), take(0), take(49), take(1), take(0)],
    trace: [
      [1, 2, 0, 0],
      [0, 0, 100, 50],
      [0, 0, 51, 1],
      [1, 1, 50, 0],
      [0, 0, 100, 50],
    ],
  },
  {
    name: 'a refund gives back only what has not been paid off meanwhile',
    rule: rule('token-bucket', 2, 100),
    operations: [take(0, 2), giveBack(50, 0), take(0, 2), take(0)],
    trace: [
      [1, 2, 0, 0],
      [1, 1, 50, 0],
      [1, 2, 0, 0],
      [0, 0, 100, 50],
    ],
  },
  {
    name: 'of burst 1 spaces requests evenly',
    rule: rule('gcra', 3, 100, { capacity: 1 }),
    operations: [take(0), take(33), take(1), take(32), take(1)],
    trace: [
      [1, 1, 0, 0],
      [0, 0, 1, 1],
      [1, 1, 0, 0],
      [0, 0, 2, 2],
      [0, 0, 1, 1],
    ],
  },
  {
    name: 'a slot is free when it is given back, or when its lease ends',
    rule: rule('concurrency', 2, 100),
    operations: [take(0), take(10), take(0), giveBack(0, 1), take(0), take(90), take(0)],
    trace: [
      [1, 2, 0, 0],
      [1, 1, 90, 0],
      [0, 0, 100, 90],
      [0, 0, 100, 90],
      [1, 1, 90, 0],
      [1, 1, 10, 0],
      [0, 0, 100, 10],
    ],
  },
]
