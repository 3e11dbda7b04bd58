import { isWeak } from '../fields/entity-tag.ts'
import { type AskedRange, parseByteRanges } from '../fields/range.ts'

/** What a Range field gets of a whole stored response (RFC 9110 sections 14.2 and 15.5.17). */
export type RangeDecision =
  /** All of it: 200. */
  | { kind: 'whole' }
  /** 206, with the bytes from `first` to `last`, both included. */
  | { kind: 'part'; first: number; last: number }
  /** 416: there are no such bytes. */
  | { kind: 'unsatisfiable' }

/** What a range is cut from. */
export interface RangeSource {
  readonly length: number
  readonly etag: string | undefined
  readonly lastModified: string | undefined
}

/**
 * Decides what part answers a request. Of several ranges the whole is sent: a server may, and so
 * nobody makes it send more than there is.
 */
export function decideRange(
  range: string,
  ifRange: string | undefined,
  source: RangeSource,
): RangeDecision {
  if (ifRange !== undefined && !isStillThat(ifRange, source)) return { kind: 'whole' }
  const [asked, ...others] = parseByteRanges(range) ?? []
  if (asked === undefined || others.length > 0) return { kind: 'whole' }
  return cut(asked, source.length)
}

const OF_THE_WHOLE: ReadonlySet<string> = new Set([
  'age',
  'content-digest',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-length',
  'content-location',
  'content-range',
  'content-type',
  'etag',
  'expires',
  'last-modified',
  'pragma',
  'repr-digest',
  'surrogate-control',
])

/**
 * Whether a field, in lower case, of a 200 is left out of the 416 that answers for it: whatever
 * describes its content, or says how long it is good for. A cache further out, to whom the Range is no
 * part of the key, would keep the 416 in its place.
 */
export function isLeftOutOf416(name: string): boolean {
  return OF_THE_WHOLE.has(name) || name.endsWith('cache-control')
}

/** If-Range, compared strongly (RFC 9110 section 13.1.5). */
function isStillThat(ifRange: string, { etag, lastModified }: RangeSource): boolean {
  if (ifRange.endsWith('"')) return !isWeak(ifRange) && ifRange === etag
  return ifRange === lastModified
}

function cut(asked: AskedRange, length: number): RangeDecision {
  const first = asked.kind === 'from' ? asked.first : Math.max(length - asked.length, 0)
  const wanted = asked.kind === 'from' ? (asked.last ?? length - 1) : length - 1
  const last = Math.min(wanted, length - 1)
  const isEmpty = asked.kind === 'suffix' && asked.length === 0
  return first >= length || isEmpty ? { kind: 'unsatisfiable' } : { kind: 'part', first, last }
}
