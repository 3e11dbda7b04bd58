import type { Tally } from './tally.ts'

/** How a run differs from what is recorded of it. */
export interface Difference {
  /** Fail, and are not known to. */
  readonly regressed: readonly string[]
  /** Are recorded as failing, and pass. */
  readonly improved: readonly string[]
}

/** Compares the cases that failed with those known to. */
export function compare(tallies: readonly Tally[], known: Iterable<string>): Difference {
  const failed = new Set(tallies.flatMap((tally) => [...tally.failed.keys()]))
  const recorded = new Set(known)
  return {
    regressed: [...failed].filter((id) => !recorded.has(id)),
    improved: [...recorded].filter((id) => !failed.has(id)),
  }
}
