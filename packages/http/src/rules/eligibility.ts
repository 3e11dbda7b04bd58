import type { IncomingHttpHeaders } from 'node:http'

/** Why a GET or HEAD goes to the handler without being looked up, and its response without being kept. */
export type Ineligible =
  /** It has content: what the handler makes of it is not in the key. */
  | 'body'
  /** If-Match or If-Unmodified-Since: not for a cache to judge (RFC 9111 section 4.3.2). */
  | 'precondition'
  | 'upgrade'
  | 'event-stream'
  /** It asks the handler to act as for another method or URL. */
  | 'override'

/** What a cache does with a request, by its method and fields alone. */
export type Eligibility =
  /** Look it up; keep the response. */
  | 'eligible'
  /** Look it up and give the part that it asks for; a response of the handler's is not kept. */
  | 'range'
  /** A safe method that is not cached. */
  | 'method'
  /** A method that may change things: a success invalidates (RFC 9111 section 4.4). */
  | 'unsafe'
  | Ineligible

const OTHER_SAFE_METHODS: ReadonlySet<string> = new Set(['OPTIONS', 'TRACE', 'QUERY'])

/** Decides what may be done with a request before any option is asked. */
export function decideEligibility(
  method: string | undefined,
  headers: IncomingHttpHeaders,
): Eligibility {
  if (method !== 'GET' && method !== 'HEAD') {
    return OTHER_SAFE_METHODS.has(method ?? '') ? 'method' : 'unsafe'
  }
  if (hasContent(headers)) return 'body'
  if (headers['if-match'] !== undefined || headers['if-unmodified-since'] !== undefined) {
    return 'precondition'
  }
  if (headers.upgrade !== undefined) return 'upgrade'
  if (headers.accept?.includes('text/event-stream')) return 'event-stream'
  if (hasOverride(headers)) return 'override'
  // Range means something in a GET only (RFC 9110 section 14.2).
  return headers.range !== undefined && method === 'GET' ? 'range' : 'eligible'
}

function hasContent(headers: IncomingHttpHeaders): boolean {
  const length = headers['content-length']
  return (length !== undefined && length !== '0') || headers['transfer-encoding'] !== undefined
}

function hasOverride(headers: IncomingHttpHeaders): boolean {
  return (
    headers['x-http-method-override'] !== undefined ||
    headers['x-http-method'] !== undefined ||
    headers['x-method-override'] !== undefined ||
    headers['x-original-url'] !== undefined ||
    headers['x-rewrite-url'] !== undefined
  )
}
