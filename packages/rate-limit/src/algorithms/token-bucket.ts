import type { Algorithm } from './algorithm.ts'

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
  roll({ limit }, [debt = 0, atMs = 0], nowMs) {
    const left = debt - Math.max(0, nowMs - atMs) * limit
    return left > 0 ? [left, nowMs] : []
  },
  used: ({ windowMs }, [debt = 0]) => Math.ceil(debt / windowMs),
  resetMs: ({ limit }, [debt = 0]) => Math.ceil(debt / limit),
  waitMs({ limit, windowMs, capacity }, [debt = 0], _nowMs, cost) {
    return Math.ceil((debt - (capacity - cost) * windowMs) / limit)
  },
  add({ windowMs }, [debt = 0], nowMs, cost) {
    const charged = debt + cost * windowMs
    return { state: charged > 0 ? [charged, nowMs] : [], mark: [nowMs, charged] }
  },
  /** First charged, first paid off: of a charge there is left what of the debt at its time is not. */
  giveBack({ limit, windowMs }, [debt = 0], nowMs, cost, [markMs, markDebt]) {
    const unpaid = markDebt - Math.max(0, nowMs - markMs) * limit
    const left = debt - Math.max(0, Math.min(unpaid, cost * windowMs))
    return left > 0 ? [left, nowMs] : []
  },
}
