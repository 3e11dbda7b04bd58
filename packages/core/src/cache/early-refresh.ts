import type { Random } from '../base/random.ts'
import type { Entry } from './entry.ts'

/** So many times the load time before its end no entry is ever due: one draw in 10^9. */
const FARTHEST = 20

/**
 * Whether a fresh entry is to be loaded anew already, so that it is replaced before it ends and its
 * callers never meet a miss all together.
 *
 * XFetch: Vattani, Chierichetti, Lowenstein, "Optimal Probabilistic Cache Stampede Prevention"
 * (VLDB 2015). Each caller draws for itself; the nearer the end, the longer the load and the more
 * callers there are, the likelier one of them is to refresh.
 */
export function isDueEarly(entry: Entry, beta: number, nowMs: number, random: Random): boolean {
  const scaleMs = entry.loadMs * beta
  const remainingMs = entry.freshUntilMs - nowMs
  if (remainingMs > scaleMs * FARTHEST) return false
  return remainingMs <= -scaleMs * Math.log(1 - random.next())
}
