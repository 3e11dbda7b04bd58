import { splitList } from './list.ts'

/** What a Vary field asks of a later request (RFC 9110 section 12.5.5). */
export type Vary =
  | { kind: 'fields'; names: readonly string[] }
  /** `*`, or what cannot be read: no later request matches. */
  | { kind: 'unmatchable' }

const FIELD_NAME = /^[!#$%&'*+.^_`|~0-9a-z-]+$/

/** A response that varies by more fields than this is not worth telling apart. */
const MOST_FIELDS = 16

/** Reads a Vary value; the names in lower case, sorted, each once. */
export function parseVary(value: string | undefined): Vary {
  if (value === undefined) return { kind: 'fields', names: [] }
  const names = [...new Set(splitList(value.toLowerCase()))].sort()
  const isReadable = names.every((name) => name !== '*' && FIELD_NAME.test(name))
  return isReadable && names.length <= MOST_FIELDS
    ? { kind: 'fields', names }
    : { kind: 'unmatchable' }
}
