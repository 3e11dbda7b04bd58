import type { IncomingHttpHeaders } from 'node:http'
import { joinLines } from '../fields/list.ts'
import { normaliseForVary } from '../fields/normalise.ts'

/**
 * The values of the request fields that a Vary names, normalised: requests of one text select the
 * same variant (RFC 9111 section 4.1). A field that is missing differs from an empty one.
 */
export function selectVariant(names: readonly string[], headers: IncomingHttpHeaders): string {
  if (names.length === 0) return ''
  return names.map((name) => describe(name, joinLines(headers[name]))).join('\n')
}

// Field values cannot hold a line feed, so no two selections read alike.
function describe(name: string, value: string | undefined): string {
  return value === undefined ? name : `${name}=${normaliseForVary(name, value)}`
}
