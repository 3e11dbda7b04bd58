import { isHopByHop } from '../fields/hop-by-hop.ts'
import { formatHttpDate } from '../fields/http-date.ts'
import { joinLines } from '../fields/list.ts'
import type { HeadView } from './head-view.ts'

/** A field's name as it was written, and its value. */
type Field = readonly [name: string, value: string | readonly string[]]

/**
 * Fields of a stored response that an update leaves as they are: they describe the content that is
 * stored, which the update does not bring (RFC 9111 section 3.2). Age and Set-Cookie are never stored.
 */
const NOT_UPDATED: ReadonlySet<string> = new Set([
  'age',
  'content-digest',
  'content-encoding',
  'content-length',
  'content-md5',
  'content-range',
  'digest',
  'repr-digest',
  'set-cookie',
])

/** What a stored response's fields are updated with. */
export interface Update {
  /** The fields of the 304, or of the 200 that answered HEAD. */
  readonly fields: Iterable<Field>
  readonly connection: string | undefined
  /** Fields that others set on every response, and are not stored. */
  isForeign(name: string, value: Field[1]): boolean
  readonly nowMs: number
}

/**
 * The fields of a stored response after a validation: each that the update has takes the place of
 * all of its name, the others stay (RFC 9111 section 3.2). An update without a Date gets one.
 */
export function freshenFields(stored: readonly Field[], update: Update): Field[] {
  const updating = [...update.fields].filter(([name, value]) => isTaken(name, value, update))
  const names = new Set(updating.map(([name]) => name.toLowerCase()))
  if (!names.has('date')) {
    updating.push(['Date', formatHttpDate(update.nowMs)])
    names.add('date')
  }
  return [...stored.filter(([name]) => !names.has(name.toLowerCase())), ...updating]
}

function isTaken(name: string, value: Field[1], { connection, isForeign }: Update): boolean {
  const lower = name.toLowerCase()
  return !NOT_UPDATED.has(lower) && !isHopByHop(lower, connection) && !isForeign(lower, value)
}

/** The head of a stored response as it is with these fields. `age` is what the update says of it. */
export function freshenedHead(
  status: number,
  fields: readonly Field[],
  age: string | undefined,
): HeadView & { statusCode: number; getHeader(name: string): string | undefined } {
  const get = (wanted: string): string | undefined => {
    if (wanted === 'age') return age
    const lines = fields.filter(([name]) => name.toLowerCase() === wanted)
    return lines.length === 0 ? undefined : lines.map(([, value]) => joinLines(value)).join(', ')
  }
  return { status, get, statusCode: status, getHeader: (name) => get(name.toLowerCase()) }
}
