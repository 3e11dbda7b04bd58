import type { ResponseDirectives } from '../fields/cache-control.ts'

/** How long past its freshness a response is of use. */
export interface StaleWindows {
  /** It may be served at once while it is fetched anew (RFC 5861 section 3). */
  readonly whileRevalidateMs: number
  /** It may be served when the handler fails (RFC 5861 section 4). */
  readonly ifErrorMs: number
  /** It may be served stale to a client that asks for that (RFC 9111 section 5.2.1.2). */
  readonly isStaleAllowed: boolean
}

/** What the options say for responses that say nothing. */
export interface StaleDefaults {
  readonly staleWhileRevalidateMs: number
  readonly staleIfErrorMs: number
}

const NEVER: StaleWindows = { whileRevalidateMs: 0, ifErrorMs: 0, isStaleAllowed: false }

/**
 * How stale a response may be served: never where it forbids it, by must-revalidate,
 * proxy-revalidate, no-cache or s-maxage (RFC 9111 section 4.2.4). What comes with an age beyond its
 * lifetime is stale already, by `overdueMs`.
 */
export function decideStaleWindows(
  directives: ResponseDirectives,
  defaults: StaleDefaults,
  overdueMs: number,
): StaleWindows {
  if (directives.forbidsStale) return NEVER
  const { staleWhileRevalidateMs, staleIfErrorMs } = defaults
  const whileRevalidateMs = directives.staleWhileRevalidateMs ?? staleWhileRevalidateMs
  const ifErrorMs = directives.staleIfErrorMs ?? staleIfErrorMs
  return {
    whileRevalidateMs: Math.max(whileRevalidateMs - overdueMs, 0),
    ifErrorMs: Math.max(ifErrorMs - overdueMs, 0),
    // By how much it is stale is not known any more when a client says what it would take.
    isStaleAllowed: overdueMs === 0,
  }
}
