import type { Algorithm, State } from './algorithm.ts'

/**
 * A bucket of `capacity` tokens that fills at `limit` per `windowMs`, and GCRA, which is the same
 * seen from the other side (ITU-T I.371, annex A: virtual scheduling and the continuous-state leaky
 * bucket). They differ in how large a burst is when nothing is said: `limit` or 1.
 *
 * State: `[debt, atMs]`: what is missing from the bucket, in tokens × windowMs, so that it pays off
 * `limit` of that per millisecond and everything stays a whole number. In any span of `windowMs` at
 * most capacity + limit - 1 are admitted; of capacity 1, `limit`.
 */
export const tokenBucket: Algorithm = {
  roll({ limit }, state, nowMs) {
    const left = debtOf(state) - Math.max(0, nowMs - (state[1] ?? 0)) * limit
    return left > 0 ? [left, nowMs] : []
  },
  used: ({ windowMs }, state) => Math.ceil(debtOf(state) / windowMs),
  resetMs: ({ limit }, state) => Math.ceil(debtOf(state) / limit),
  waitMs({ limit, windowMs, capacity }, state, _nowMs, cost) {
    return Math.ceil((debtOf(state) - (capacity - cost) * windowMs) / limit)
  },
  add({ windowMs }, state, nowMs, cost) {
    const charged = debtOf(state) + cost * windowMs
    return { state: charged > 0 ? [charged, nowMs] : [], place: nowMs, debt: charged }
  },
  /** First charged, first paid off: of a charge there is left what of the debt at its time is not. */
  giveBack({ limit, windowMs }, state, nowMs, cost, { place, debt }) {
    const unpaid = debt - Math.max(0, nowMs - place) * limit
    const left = debtOf(state) - Math.max(0, Math.min(unpaid, cost * windowMs))
    return left > 0 ? [left, nowMs] : []
  },
}

function debtOf(state: State): number {
  return state[0] ?? 0
}
