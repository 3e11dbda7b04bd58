import type { Algorithm, State } from './algorithm.ts'

/**
 * A count that starts over: the window begins with the first charge and ends `windowMs` later.
 *
 * State: `[startMs, used]`. In a span of `windowMs` that lies across an edge up to 2 × limit - 1 are
 * admitted.
 */
export const fixedWindow: Algorithm = {
  roll({ windowMs }, state, nowMs) {
    const startMs = startOf(state)
    if (usedOf(state) === 0 || nowMs >= startMs + windowMs) return []
    return startMs <= nowMs ? state : [nowMs, usedOf(state)]
  },
  used: (_rule, state) => usedOf(state),
  resetMs: ({ windowMs }, state, nowMs) =>
    state.length === 0 ? 0 : startOf(state) + windowMs - nowMs,
  waitMs: ({ windowMs }, state, nowMs) => startOf(state) + windowMs - nowMs,
  add(_rule, state, nowMs, cost) {
    const startMs = state.length === 0 ? nowMs : startOf(state)
    return { state: [startMs, usedOf(state) + cost], place: startMs, debt: 0 }
  },
  giveBack(_rule, state, _nowMs, cost, { place }) {
    if (state.length === 0 || startOf(state) !== place) return state
    return [place, Math.max(0, usedOf(state) - cost)]
  },
}

function startOf(state: State): number {
  return state[0] ?? 0
}

function usedOf(state: State): number {
  return state[1] ?? 0
}
