import type { Algorithm, State } from './algorithm.ts'

/**
 * Remembers each charge until it is `windowMs` old: never more than `limit` in any span of
 * `windowMs`, and never less than could be. Costs time and memory per charge.
 *
 * State: `[t1, n1, t2, n2, ...]`, oldest first; charges of one millisecond are one.
 */
export const slidingLog: Algorithm = {
  roll({ windowMs }, state, nowMs) {
    const kept: number[] = []
    for (let at = 0; at < state.length; at += 2) {
      const chargedMs = Math.min(state[at] as number, nowMs)
      const count = state[at + 1] as number
      if (count > 0 && chargedMs + windowMs > nowMs) push(kept, chargedMs, count)
    }
    return kept
  },
  used: (_rule, state) => sum(state),
  resetMs({ windowMs }, state, nowMs) {
    return state.length === 0 ? 0 : (state.at(-2) as number) + windowMs - nowMs
  },
  waitMs({ windowMs, capacity }, state, nowMs, cost) {
    let excess = sum(state) + cost - capacity
    for (let at = 0; at < state.length; at += 2) {
      excess -= state[at + 1] as number
      if (excess <= 0) return (state[at] as number) + windowMs - nowMs
    }
    return 0
  },
  add(_rule, state, nowMs, cost) {
    const added = [...state]
    push(added, nowMs, cost)
    return { state: added, place: nowMs, debt: 0 }
  },
  giveBack(_rule, state, _nowMs, cost, { place }) {
    const at = state.findIndex((chargedMs, index) => index % 2 === 0 && chargedMs === place)
    return at < 0 ? state : state.with(at + 1, Math.max(0, (state[at + 1] as number) - cost))
  },
}

function push(state: number[], nowMs: number, count: number): void {
  const last = state.length - 2
  if (last >= 0 && state[last] === nowMs) state[last + 1] = (state[last + 1] as number) + count
  else if (count > 0) state.push(nowMs, count)
}

function sum(state: State): number {
  let total = 0
  for (let at = 1; at < state.length; at += 2) total += state[at] as number
  return total
}
