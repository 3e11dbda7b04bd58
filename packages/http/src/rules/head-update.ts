import type { HeadView } from './head-view.ts'
import type { HandlerValidators } from './validation.ts'

/**
 * Whether the response to a HEAD is about the very representation that is stored, so that it updates
 * it (RFC 9111 section 4.3.5): each validator that it has is the stored one's, and so is its length.
 */
export function isSameRepresentation(
  head: HeadView,
  stored: HandlerValidators & { readonly bodyBytes: number },
): boolean {
  if (head.status !== 200) return false
  const etag = head.get('etag')
  const lastModified = head.get('last-modified')
  const length = head.get('content-length')
  return (
    (etag === undefined || etag === stored.etag) &&
    (lastModified === undefined || lastModified === stored.lastModified) &&
    (length === undefined || Number(length) === stored.bodyBytes)
  )
}
