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
 * Lets all take their turns in rounds, each round in an order of its own: whatever slows the machine
 * for a while slows all of them, and nobody always follows the same neighbour.
 */
export async function runInRounds(
  subjects: readonly Timed[],
  rounds: number,
  onRound: (round: number) => void,
): Promise<Series[]> {
  const entries = subjects.map((subject) => ({
    subject,
    series: { name: subject.name, nanoseconds: [] as number[], cpuNanoseconds: [] as number[] },
  }))
  for (let round = 0; round < rounds; round += 1) {
    for (const { subject, series } of shuffle(entries)) {
      collectGarbage()
      const cost = await subject.turn()
      series.nanoseconds.push(cost.nanoseconds)
      series.cpuNanoseconds.push(cost.cpuNanoseconds)
    }
    onRound(round)
  }
  return entries.map(({ series }) => series)
}

/** The same things in another order, each order as likely (Fisher and Yates). */
function shuffle<T>(things: readonly T[]): T[] {
  const shuffled = [...things]
  for (let last = shuffled.length - 1; last > 0; last -= 1) {
    const other = Math.floor(Math.random() * (last + 1))
    const thing = shuffled[last] as T
    shuffled[last] = shuffled[other] as T
    shuffled[other] = thing
  }
  return shuffled
}
