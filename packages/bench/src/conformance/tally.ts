import { SUITE } from './cases.ts'
import type { CaseKind, RawResult } from './suite-part.ts'

/** How the cases of one kind went. */
export interface Tally {
  readonly kind: CaseKind
  readonly passed: number
  /** Ids of those that did not, in the suite's order, with what the suite says. */
  readonly failed: ReadonlyMap<string, string>
}

export const KINDS: readonly CaseKind[] = ['required', 'optimal', 'check']

/** Counts what a run gave. A case that could not be set up has not passed. */
export function tally(results: Readonly<Record<string, RawResult>>, kind: CaseKind): Tally {
  const cases = SUITE.flatMap(({ tests }) => tests)
    .filter((test) => (test.kind ?? 'required') === kind)
    .filter(({ id }) => results[id] !== undefined)
  const failed = cases.filter(({ id }) => results[id] !== true)
  return {
    kind,
    passed: cases.length - failed.length,
    failed: new Map(failed.map(({ id }) => [id, messageOf(results[id])])),
  }
}

/** How the cases of one part of the suite went: passed of asked, by kind. */
export interface PartScore {
  readonly part: string
  readonly scores: readonly string[]
}

/** The score of each part of the suite. */
export function scoreParts(tallies: readonly Tally[]): PartScore[] {
  return SUITE.map(({ id, tests }) => ({
    part: id,
    scores: tallies.map(({ kind, failed }) => {
      const asked = tests.filter((test) => (test.kind ?? 'required') === kind)
      const passed = asked.filter((test) => !failed.has(test.id))
      return asked.length === 0 ? '' : `${passed.length} of ${asked.length}`
    }),
  }))
}

function messageOf(result: RawResult | undefined): string {
  return Array.isArray(result) ? result.join(': ') : ''
}
