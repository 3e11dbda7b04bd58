import { isWeak, parseEntityTag } from '../fields/entity-tag.ts'
import type { HeadView } from './head-view.ts'

/** Another response to requests for the same URL, or an earlier one. */
export interface Sibling {
  readonly etag: string | undefined
  readonly encoding: string | undefined
}

/**
 * The weak form of a strong entity tag that its response shares with one in another encoding, else
 * `undefined`.
 *
 * Compression behind the cache leaves the tag of what it compresses as it was. By a strong one
 * clients would put together parts of both (RFC 9110 section 8.8.3.3).
 */
export function weakenSharedEtag(
  head: HeadView,
  others: readonly Sibling[],
  earlier: Sibling | undefined,
): string | undefined {
  const etag = parseEntityTag(head.get('etag'))
  if (etag === undefined || isWeak(etag)) return undefined
  const encoding = head.get('content-encoding')
  const isShared = others.some((other) => other.etag === etag && other.encoding !== encoding)
  const wasShared = earlier?.etag !== undefined && isWeak(earlier.etag)
  return isShared || wasShared ? `W/${etag}` : undefined
}
