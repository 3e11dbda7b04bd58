import type { Contestant } from './contestant.ts'

/** One thing that caches do, and how to see that they do it. */
export interface Scenario<C extends Contestant = Contestant> {
  readonly title: string
  /** What one operation is, for the head of a column. */
  readonly unit: string
  /** The first one is the limit. */
  readonly contestants: readonly C[]
  readonly operationsPerLap: number
  /** Brings a contestant to where the scenario begins. */
  prepare(contestant: C): Promise<void>
  /** What is timed. Throws on a wrong answer. */
  run(contestant: C, laps: number): Promise<void>
  /** Afterwards, untimed: throws if the laps were not what they were to be. */
  check(contestant: C, laps: number): Promise<void>
}
