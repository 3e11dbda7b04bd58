import type { Algorithm, State } from './algorithm.ts'

/** When to ask again for a slot: nobody knows when one is given back. */
const RETRY_MS = 1_000

/**
 * How many are under way at once: each holds a lease, which ends when it is given back or, where its
 * holder has died, `windowMs` after it was last renewed.
 *
 * State: `[id1, expires1, n1, id2, ...]`.
 */
export const concurrency: Algorithm = {
  roll({ windowMs }, state, nowMs) {
    const kept: number[] = []
    for (let at = 0; at < state.length; at += 3) {
      const [id, expiresMs, count] = state.slice(at, at + 3) as [number, number, number]
      if (expiresMs > nowMs) kept.push(id, Math.min(expiresMs, nowMs + windowMs), count)
    }
    return kept
  },
  used: (_rule, state) => sum(state),
  resetMs: (_rule, state, nowMs) => Math.max(nowMs, ...expiries(state)) - nowMs,
  waitMs: (_rule, state, nowMs) => Math.min(RETRY_MS, Math.min(...expiries(state)) - nowMs),
  add({ windowMs }, state, nowMs, cost, id) {
    const added = cost === 0 ? state : [...state, id, nowMs + windowMs, cost]
    return { state: added, place: id, debt: 0 }
  },
  giveBack(_rule, state, _nowMs, _cost, { place }) {
    return state.toSpliced(findLease(state, place), 3)
  },
}

/** Where the lease begins; past the end where there is none. */
function findLease(state: State, id: number): number {
  const at = state.findIndex((value, index) => index % 3 === 0 && value === id)
  return at < 0 ? state.length : at
}

/** Makes the lease last anew, if it has not expired. */
export function renewLease(windowMs: number, state: State, nowMs: number, id: number): State {
  const at = findLease(state, id)
  return at === state.length ? state : state.with(at + 1, nowMs + windowMs)
}

function expiries(state: State): number[] {
  return state.filter((_value, index) => index % 3 === 1)
}

function sum(state: State): number {
  let total = 0
  for (let at = 2; at < state.length; at += 3) total += state[at] as number
  return total
}
