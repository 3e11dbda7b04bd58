/**
 * Why a request went on to the handler (RFC 9211 section 2.2).
 *
 * `bypass`: this cache was told, or chose, to keep out of it; `method`: not GET or HEAD; `request`:
 * the client's own Cache-Control asked for it; `uri-miss`: nothing is stored for the URL;
 * `vary-miss`: only other variants of it.
 */
export type ForwardReason = 'bypass' | 'method' | 'request' | 'uri-miss' | 'vary-miss'

/** How a stored response came to be used: found in a tier, or awaited where another request loaded it. */
export type Via = 'memory' | 'redis' | ForwardReason

/** The member that a stored response adds to Cache-Status (RFC 9211 section 2). */
export function formatHit(name: string, ttlMs: number, via: Via): string {
  const ttl = Math.floor(ttlMs / 1_000)
  return via === 'memory' || via === 'redis'
    ? `${name}; hit; ttl=${ttl}; detail=${via}`
    : `${name}; fwd=${via}; collapsed; ttl=${ttl}`
}

/** The member for a response that came from the handler. `detail`, if any, says why it is not stored. */
export function formatForward(
  name: string,
  reason: ForwardReason,
  outcome: { readonly ttlMs: number } | { readonly detail: string | undefined },
): string {
  const base = `${name}; fwd=${reason}`
  if ('ttlMs' in outcome) return `${base}; stored; ttl=${Math.floor(outcome.ttlMs / 1_000)}`
  return outcome.detail === undefined ? base : `${base}; detail=${outcome.detail}`
}
