import parts from 'http-cache-tests/tests/index.mjs'
import surrogateControl from 'http-cache-tests/tests/surrogate-control.mjs'
import type { SuitePart } from './suite-part.ts'

/** The whole suite, but for what only a browser's cache can show. */
export const SUITE: readonly SuitePart[] = [...parts, surrogateControl].map((part) => ({
  ...part,
  tests: part.tests.filter((test) => test.browser_only !== true),
}))

/** The suite cut down to some cases. Throws for an id that there is not. */
export function onlyCases(ids: readonly string[], isDumping: boolean): readonly SuitePart[] {
  const known = SUITE.flatMap(({ tests }) => tests)
  for (const id of ids) {
    const test = known.find((candidate) => candidate.id === id)
    if (test === undefined) throw new Error(`--id: found "${id}", wanted the id of a case`)
    test.dump = isDumping
  }
  return SUITE.map((part) => ({ ...part, tests: part.tests.filter(({ id }) => ids.includes(id)) }))
}
