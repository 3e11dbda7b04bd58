import type { RequestDirectives } from '../fields/cache-control.ts'
import type { StaleWindows } from './stale-windows.ts'

/** Statuses that say that the handler has failed (RFC 5861 section 4). */
const FAILURES: ReadonlySet<number> = new Set([500, 502, 503, 504])

/** Whether a response with this status says that the handler could not do its work. */
export function isFailure(status: number): boolean {
  return FAILURES.has(status)
}

/** How stale a response is, and may be. */
export interface StaleFacts {
  readonly windows: StaleWindows
  /** How long it has been stale. Negative while it is fresh. */
  readonly staleMs: number
}

/** Whether it may be served because the handler fails (RFC 5861 section 4). */
export function mayStandIn({ windows, staleMs }: StaleFacts): boolean {
  return staleMs < windows.ifErrorMs
}

/** Whether it may be served while it is fetched anew (RFC 5861 section 3). */
export function mayBeRevalidatedBehind({ windows, staleMs }: StaleFacts): boolean {
  return staleMs < windows.whileRevalidateMs
}

/**
 * Whether a client's `max-stale` takes it as it is (RFC 9111 section 5.2.1.2). Its other directives
 * count as well.
 */
export function isStaleWelcome(
  { windows, staleMs }: StaleFacts,
  ageMs: number,
  directives: RequestDirectives | undefined,
): boolean {
  if (directives?.maxStaleMs === undefined || !windows.isStaleAllowed) return false
  const { noCache, maxAgeMs, minFreshMs, maxStaleMs } = directives
  if (noCache || minFreshMs !== undefined) return false
  return staleMs <= maxStaleMs && (maxAgeMs === undefined || ageMs <= maxAgeMs)
}
