const ENTITY_TAG = /^(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"$/
const ENTITY_TAGS = /(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"/g

/** The value of an ETag field, if it is an entity tag (RFC 9110 section 8.8.3). */
export function parseEntityTag(value: string | undefined): string | undefined {
  return value !== undefined && ENTITY_TAG.test(value) ? value : undefined
}

/**
 * Whether an If-None-Match value names `etag`, by weak comparison, or names any with `*` (RFC 9110
 * section 13.1.2).
 */
export function matchesEntityTag(ifNoneMatch: string, etag: string | undefined): boolean {
  if (ifNoneMatch.trim() === '*') return true
  if (etag === undefined) return false
  if (ifNoneMatch === etag) return true
  const opaque = opaqueTag(etag)
  return (ifNoneMatch.match(ENTITY_TAGS) ?? []).some((tag) => opaqueTag(tag) === opaque)
}

function opaqueTag(etag: string): string {
  return isWeak(etag) ? etag.slice(2) : etag
}

/** Whether two representations of this tag may differ in their bytes (RFC 9110 section 8.8.1). */
export function isWeak(etag: string): boolean {
  return etag.startsWith('W/')
}
