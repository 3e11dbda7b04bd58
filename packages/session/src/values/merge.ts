import { isDeepStrictEqual } from 'node:util'
import { isPlain } from './codec.ts'

/**
 * One value of three: what two parallel requests have each made of `base`. Records are merged
 * property by property; where both have changed what cannot be merged, `mine`, the later, stands.
 */
export function mergeValues(base: unknown, mine: unknown, theirs: unknown): unknown {
  if (isDeepStrictEqual(mine, base)) return theirs
  if (isDeepStrictEqual(theirs, base)) return mine
  if (!isPlain(mine) || !isPlain(theirs)) return mine
  return mergeRecords(isPlain(base) ? base : {}, mine, theirs)
}

function mergeRecords(
  base: Record<string, unknown>,
  mine: Record<string, unknown>,
  theirs: Record<string, unknown>,
): Record<string, unknown> {
  const merged: Record<string, unknown> = {}
  for (const name of new Set([...Object.keys(theirs), ...Object.keys(mine)])) {
    const value = mergeValues(own(base, name), own(mine, name), own(theirs, name))
    if (value !== undefined) merged[name] = value
  }
  return merged
}

function own(record: Record<string, unknown>, name: string): unknown {
  return Object.hasOwn(record, name) ? record[name] : undefined
}
