import { parseDeltaSeconds } from './delta-seconds.ts'
import { splitList } from './list.ts'

/**
 * Reads an Age value as milliseconds (RFC 9111 section 5.1): of a list its first member counts, and
 * anything but a number of seconds is `'invalid'`, which makes the response stale.
 */
export function parseAge(value: string | undefined): number | 'invalid' | undefined {
  if (value === undefined) return undefined
  return parseDeltaSeconds(splitList(value)[0] ?? '') ?? 'invalid'
}
