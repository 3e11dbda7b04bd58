import type { Algorithm, Rule, State } from './algorithm.ts'

/**
 * Counts in sub-buckets, of which the oldest is counted whole for as long as any part of it lies in
 * the window: never more than `limit` in any span of `windowMs`.
 *
 * State: `[newest, n0, n1, ..., nk]`: the newest sub-bucket's index since the epoch, and the counts of
 * it and of the k before it, newest first. A charge is remembered for up to windowMs × (1 + 1/k).
 */
export const slidingWindow: Algorithm = {
  roll(rule, state, nowMs) {
    const newest = state[0]
    if (newest === undefined || newestUsedAge(state) < 0) return []
    const index = indexAt(rule, nowMs)
    const passed = Math.max(0, index - newest)
    if (passed === 0) return newest === index ? state : [index, ...state.slice(1)]
    if (passed > rule.buckets) return []
    const kept = state.slice(1, rule.buckets + 2 - passed)
    if (kept.every((count) => count === 0)) return []
    return [index, ...new Array<number>(passed).fill(0), ...kept]
  },
  used: (_rule, state) => sum(state),
  resetMs(rule, state, nowMs) {
    const age = newestUsedAge(state)
    return age < 0 ? 0 : endOf(rule, (state[0] as number) - age) - nowMs
  },
  waitMs(rule, state, nowMs, cost) {
    let excess = sum(state) + cost - rule.capacity
    for (let age = state.length - 2; age >= 0; age -= 1) {
      excess -= state[age + 1] as number
      if (excess <= 0) return endOf(rule, (state[0] as number) - age) - nowMs
    }
    return 0
  },
  add(rule, state, nowMs, cost) {
    const index = indexAt(rule, nowMs)
    const charged = state.length === 0 ? emptyAt(rule, index) : state.slice()
    charged[1] = (charged[1] as number) + cost
    return { state: charged, place: index, debt: 0 }
  },
  giveBack(_rule, state, _nowMs, cost, { place }) {
    const at = (state[0] ?? 0) - place + 1
    const count = at >= 1 ? state[at] : undefined
    return count === undefined ? state : state.with(at, Math.max(0, count - cost))
  },
}

function indexAt({ windowMs, buckets }: Rule, nowMs: number): number {
  return Math.floor((nowMs * buckets) / windowMs)
}

/** When the sub-bucket counts no longer. */
function endOf({ windowMs, buckets }: Rule, index: number): number {
  return Math.ceil(((index + buckets + 1) * windowMs) / buckets)
}

function emptyAt({ buckets }: Rule, index: number): number[] {
  const state = new Array<number>(buckets + 2).fill(0)
  state[0] = index
  return state
}

/** Negative where nothing is used. */
function newestUsedAge(state: State): number {
  for (let at = 1; at < state.length; at += 1) if (state[at] !== 0) return at - 1
  return -1
}

function sum(state: State): number {
  let total = 0
  for (let at = 1; at < state.length; at += 1) total += state[at] as number
  return total
}
