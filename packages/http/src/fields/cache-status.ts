/**
 * Why a request went on to the handler (RFC 9211 section 2.2).
 *
 * `bypass`: this cache was told, or chose, to keep out of it; `method`: not GET or HEAD; `request`:
 * the client's own Cache-Control asked for it; `uri-miss`: nothing is stored for the URL;
 * `vary-miss`: only other variants of it; `stale`: what is stored is no longer fresh.
 */
export type ForwardReason = 'bypass' | 'method' | 'request' | 'stale' | 'uri-miss' | 'vary-miss'

/** Why a stored response is served although it is not fresh. */
export type StaleReason = 'max-stale' | 'stale-if-error' | 'stale-while-revalidate'

/** How a stored response came to be used: found in a tier, or awaited where another request loaded it. */
export type Via = 'memory' | 'redis' | StaleReason | ForwardReason

const HIT_VIA: ReadonlySet<Via> = new Set([
  'memory',
  'redis',
  'max-stale',
  'stale-if-error',
  'stale-while-revalidate',
])

/** What came of asking the handler before a stored response was used. */
export interface Asked {
  readonly reason: ForwardReason
  /** What it answered; `undefined` when it did not. */
  readonly status: number | undefined
  /** `stored` anew, or a failure for which it stands in. */
  readonly outcome: 'stored' | 'stale-if-error' | undefined
}

/** The member that a stored response adds to Cache-Status (RFC 9211 section 2). A ttl below 0 is how stale it is. */
export function formatHit(name: string, ttlMs: number, via: Via): string {
  const ttl = Math.floor(ttlMs / 1_000)
  return HIT_VIA.has(via)
    ? `${name}; hit; ttl=${ttl}; detail=${via}`
    : `${name}; fwd=${via}; collapsed; ttl=${ttl}`
}

/** The member for a stored response that the handler has been asked about. */
export function formatAsked(name: string, ttlMs: number, asked: Asked): string {
  const { reason, status, outcome } = asked
  const said = status === undefined ? '' : `; fwd-status=${status}`
  const stored = outcome === 'stored' ? '; stored' : ''
  const detail = outcome === 'stale-if-error' ? `; detail=${outcome}` : ''
  return `${name}; fwd=${reason}${said}${stored}; ttl=${Math.floor(ttlMs / 1_000)}${detail}`
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

/** The key as a parameter of a member (RFC 9211 section 2.7): what a string cannot hold is escaped as in a URL. */
export function formatKey(key: string): string {
  const text = key.replace(/[^\x20-\x7e]/g, (unit) => `%${unit.charCodeAt(0).toString(16)}`)
  return `; key="${text.replace(/["\\]/g, '\\$&')}"`
}
