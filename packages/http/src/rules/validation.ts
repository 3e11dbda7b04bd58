import type { IncomingHttpHeaders } from 'node:http'
import { isWeak, parseEntityTag } from '../fields/entity-tag.ts'
import type { HeadView } from './head-view.ts'

/** What a request is conditional on. */
export type Conditions = Pick<IncomingHttpHeaders, 'if-none-match' | 'if-modified-since'>

/** What the handler can recognise a stored response by. */
export interface HandlerValidators {
  /** The entity tag that the handler gave it. */
  readonly etag: string | undefined
  readonly lastModified: string | undefined
}

/** Whether a stored response can be asked about. */
export function hasValidator({ etag, lastModified }: HandlerValidators): boolean {
  return etag !== undefined || lastModified !== undefined
}

/** The conditions that ask the handler whether a stored response still holds (RFC 9111 section 4.3.1). */
export function conditionsFor({ etag, lastModified }: HandlerValidators): Conditions {
  const conditions: Conditions = {}
  if (etag !== undefined) conditions['if-none-match'] = etag
  if (lastModified !== undefined) conditions['if-modified-since'] = lastModified
  return conditions
}

/** What a response to a validating request says of the stored one (RFC 9111 section 4.3.3). */
export type Validation =
  /** It holds; its fields are to be updated. */
  | 'freshen'
  /** It holds, but this is about another representation, by which it must not be updated. */
  | 'mismatch'
  /** Here is another in its place. */
  | 'replace'

/**
 * Judges what came of a validation. A 304 with a strong entity tag updates only what is stored under
 * that very tag (RFC 9111 section 4.3.4).
 */
export function decideValidation(head: HeadView, stored: HandlerValidators): Validation {
  if (head.status !== 304) return 'replace'
  const etag = parseEntityTag(head.get('etag'))
  if (etag === undefined || isWeak(etag)) return 'freshen'
  return etag === stored.etag ? 'freshen' : 'mismatch'
}
