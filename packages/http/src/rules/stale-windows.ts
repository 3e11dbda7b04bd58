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
 * proxy-revalidate, no-cache or s-maxage (RFC 9111 section 4.2.4).
 */
export function decideStaleWindows(
  directives: ResponseDirectives,
  defaults: StaleDefaults,
): StaleWindows {
  if (directives.forbidsStale) return NEVER
  return {
    whileRevalidateMs: directives.staleWhileRevalidateMs ?? defaults.staleWhileRevalidateMs,
    ifErrorMs: directives.staleIfErrorMs ?? defaults.staleIfErrorMs,
    isStaleAllowed: true,
  }
}
