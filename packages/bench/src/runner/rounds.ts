import { collectGarbage } from './garbage.ts'

/** What one operation took in a turn. */
export interface Cost {
  readonly nanoseconds: number
  /** The same in processor time of the process that does it: others on the machine do not count. */
  readonly cpuNanoseconds: number
}

/** Something whose turns are timed. */
export interface Timed {
  readonly name: string
  turn(): Promise<Cost>
}

/** What a {@link Timed} took, round by round. */
export interface Series {
  readonly name: string
  readonly nanoseconds: readonly number[]
  readonly cpuNanoseconds: readonly number[]
}

/**
 * Lets all take their turns in rounds, A B C, B C A, C A B: whatever slows the machine for a while
 * slows all of them, and nobody always follows the same neighbour.
 */
export async function runInRounds(
  subjects: readonly Timed[],
  rounds: number,
  onRound: (round: number) => void,
): Promise<Series[]> {
  const series = subjects.map(({ name }) => ({
    name,
    nanoseconds: [] as number[],
    cpuNanoseconds: [] as number[],
  }))
  for (let round = 0; round < rounds; round += 1) {
    for (let turn = 0; turn < subjects.length; turn += 1) {
      const index = (round + turn) % subjects.length
      collectGarbage()
      const cost = await (subjects[index] as Timed).turn()
      series[index]?.nanoseconds.push(cost.nanoseconds)
      series[index]?.cpuNanoseconds.push(cost.cpuNanoseconds)
    }
    onRound(round)
  }
  return series
}
