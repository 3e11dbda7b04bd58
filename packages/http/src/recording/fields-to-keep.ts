import { isHopByHop } from '../fields/hop-by-hop.ts'
import { formatHttpDate } from '../fields/http-date.ts'
import type { Fields } from '../framework-port.ts'
import type { FieldValue, ResponseHead } from './response-head.ts'

/** A field's name as it was written, and its value. */
export type Field = readonly [name: string, value: FieldValue]

/** Those that a hit has of its own. */
const NEVER_KEPT: ReadonlySet<string> = new Set(['age', 'content-length', 'set-cookie'])

/**
 * The fields of a response that are stored (RFC 9111 section 3.1): not those about the connection,
 * not those that it names as not to be kept, and not those that were set before the cache's turn
 * came, `before`: whoever set them will set them for hits as well. A response without a Date gets one.
 */
export function fieldsToKeep(
  head: ResponseHead,
  notKept: readonly string[],
  before: Fields,
  nowMs: number,
): Field[] {
  const connection = head.get('connection')
  const fields: Field[] = []
  for (const [name, value] of head.fields()) {
    const lower = name.toLowerCase()
    if (NEVER_KEPT.has(lower) || notKept.includes(lower) || isHopByHop(lower, connection)) continue
    if (!isSameField(value, before[lower])) fields.push([name, value])
  }
  if (head.get('date') === undefined) fields.push(['Date', formatHttpDate(nowMs)])
  return fields
}

/** Whether a field has the value that it had before the cache's turn came. */
export function isSameField(value: FieldValue, before: Fields[string]): boolean {
  return before !== undefined && String(value) === String(before)
}
