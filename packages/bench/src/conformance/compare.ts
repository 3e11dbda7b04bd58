import type { Tally } from './tally.ts'

/** How a run differs from what is recorded of it. */
export interface Difference {
  /** Fail, and are not known to. */
  readonly regressed: readonly string[]
  /** Are recorded as failing, and pass. */
  readonly improved: readonly string[]
}

/** Compares the cases that failed with those known to; `ignored` may go either way. */
export function compare(
  tallies: readonly Tally[],
  known: readonly string[],
  ignored: readonly string[],
): Difference {
  const failed = tallies.flatMap((tally) => [...tally.failed.keys()])
  return {
    regressed: failed.filter((id) => !known.includes(id) && !ignored.includes(id)),
    improved: known.filter((id) => !failed.includes(id) && !ignored.includes(id)),
  }
}
