import { createHash } from 'node:crypto'

/**
 * An entity tag for a response that has no validator of its own. A strong one says that two responses
 * under it are the same byte by byte, which they are (RFC 9110 section 8.8.1).
 */
export function makeEtag(body: Uint8Array, kind: 'strong' | 'weak'): string {
  const opaque = createHash('sha1').update(body).digest('base64url')
  return kind === 'weak' ? `W/"${opaque}"` : `"${opaque}"`
}
