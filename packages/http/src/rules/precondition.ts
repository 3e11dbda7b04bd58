import type { IncomingHttpHeaders } from 'node:http'
import { matchesEntityTag } from '../fields/entity-tag.ts'
import { parseHttpDate } from '../fields/http-date.ts'

/** What a stored response, or one about to be sent, can be recognised by. */
export interface Validators {
  readonly etag: string | undefined
  readonly lastModified: string | undefined
  readonly date: string | undefined
}

/** Whether a request is conditional in a way that a cache may answer. */
export function isConditional(headers: IncomingHttpHeaders): boolean {
  return headers['if-none-match'] !== undefined || headers['if-modified-since'] !== undefined
}

/**
 * Whether the client already has this response, so that 304 answers it (RFC 9111 section 4.3.2).
 * If-None-Match is compared weakly and goes before If-Modified-Since, which is compared with
 * Last-Modified, or Date where there is none.
 */
export function isNotModified(
  headers: IncomingHttpHeaders,
  validators: Validators,
  nowMs: number,
): boolean {
  const ifNoneMatch = headers['if-none-match']
  if (ifNoneMatch !== undefined) return matchesEntityTag(ifNoneMatch, validators.etag)
  const since = headers['if-modified-since']
  const modified = validators.lastModified ?? validators.date
  if (since === undefined || modified === undefined) return false
  if (since === modified) return true
  const sinceMs = parseHttpDate(since, nowMs)
  const modifiedMs = parseHttpDate(modified, nowMs)
  return sinceMs !== undefined && modifiedMs !== undefined && modifiedMs <= sinceMs
}

/** Fields that describe a content which a 304 does not carry (RFC 9110 section 15.4.5). */
const CONTENT_FIELDS: ReadonlySet<string> = new Set([
  'content-encoding',
  'content-language',
  'content-length',
  'content-range',
  'content-type',
  'transfer-encoding',
])

/** Whether a field, in lower case, of a 200 is left out of the 304 that stands for it. */
export function isLeftOutOf304(name: string, hasEtag: boolean): boolean {
  return CONTENT_FIELDS.has(name) || (name === 'last-modified' && hasEtag)
}
