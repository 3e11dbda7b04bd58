import type { StaleWindows } from './stale-windows.ts'

const SHORTEST_MS = 60_000
const LONGEST_MS = 60 * 60_000

/**
 * How long past its freshness a response is kept: for as long as it may be served stale, and one
 * that can be validated for as long again as it was fresh, within a minute and an hour.
 */
export function decideRetention(
  freshMs: number,
  windows: StaleWindows,
  hasValidator: boolean,
): number {
  const forValidation = hasValidator ? Math.min(Math.max(freshMs, SHORTEST_MS), LONGEST_MS) : 0
  return Math.max(forValidation, windows.whileRevalidateMs, windows.ifErrorMs)
}
