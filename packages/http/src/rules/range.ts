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
