import parts from 'http-cache-tests/tests/index.mjs'
import surrogateControl from 'http-cache-tests/tests/surrogate-control.mjs'
import type { SuitePart } from './suite-part.ts'

/** The whole suite, but for what only a browser's cache can show. */
export const SUITE: readonly SuitePart[] = [...parts, surrogateControl].map((part) => ({
  ...part,
  tests: part.tests.filter((test) => test.browser_only !== true),
}))

/** The suite cut down to the case of one id; throws when there is none. */
export function onlyCase(id: string): readonly SuitePart[] {
  const part = SUITE.find(({ tests }) => tests.some((test) => test.id === id))
  if (part === undefined) throw new Error(`--id: found "${id}", wanted the id of a case`)
  const tests = part.tests.filter((test) => test.id === id)
  for (const test of tests) test.dump = true
  return [{ ...part, tests }]
}
