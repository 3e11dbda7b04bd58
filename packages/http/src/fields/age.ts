import { parseDeltaSeconds } from './delta-seconds.ts'
import { splitList } from './list.ts'

/**
 * Reads an Age value as milliseconds (RFC 9111 section 5.1): of a list its first member counts, and
 * what is not a number of seconds is as if it were not there.
 */
export function parseAge(value: string | undefined): number | undefined {
  return value === undefined ? undefined : parseDeltaSeconds(splitList(value)[0] ?? '')
}
