import { parseHttpDate } from '../fields/http-date.ts'

/** What a lifetime is guessed from. */
export interface HeuristicFields {
  readonly lastModified: string | undefined
  readonly date: string | undefined
}

/** What may be cached without saying so (RFC 9110 section 15.1). 206 and 304 are none to store. */
const CACHEABLE: ReadonlySet<number> = new Set([
  200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501,
])

const LONGEST_MS = 24 * 60 * 60_000

/**
 * How long a response that says nothing may be taken to be fresh: a fraction of the time since it
 * was last modified, a day at most (RFC 9111 section 4.2.2). `undefined` when nothing can be said.
 */
export function guessLifetime(
  status: number,
  fields: HeuristicFields,
  fraction: number,
  isPublic: boolean,
  nowMs: number,
): number | undefined {
  if (fraction === 0 || fields.lastModified === undefined) return undefined
  if (!isPublic && !CACHEABLE.has(status)) return undefined
  const modifiedMs = parseHttpDate(fields.lastModified, nowMs)
  if (modifiedMs === undefined) return undefined
  const dateMs = fields.date === undefined ? nowMs : (parseHttpDate(fields.date, nowMs) ?? nowMs)
  return Math.min(Math.max(dateMs - modifiedMs, 0) * fraction, LONGEST_MS)
}
