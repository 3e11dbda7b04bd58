import { collectGarbage } from './garbage.ts'

/** Something whose turns are timed. */
export interface Timed {
  readonly name: string
  /** Takes one turn and gives the nanoseconds that one of its operations took. */
  turn(): Promise<number>
}

/** What a {@link Timed} took, round by round. */
export interface Series {
  readonly name: string
  readonly nanoseconds: readonly number[]
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
  const series = subjects.map(({ name }) => ({ name, nanoseconds: [] as number[] }))
  for (let round = 0; round < rounds; round += 1) {
    for (let turn = 0; turn < subjects.length; turn += 1) {
      const index = (round + turn) % subjects.length
      collectGarbage()
      const nanoseconds = await (subjects[index] as Timed).turn()
      series[index]?.nanoseconds.push(nanoseconds)
    }
    onRound(round)
  }
  return series
}
