/** The names of the algorithms, as options give them. */
export type AlgorithmName =
  | 'fixed-window'
  | 'sliding-window'
  | 'sliding-log'
  | 'token-bucket'
  | 'gcra'
  | 'concurrency'

/** A policy as the steps see it: whole numbers only, times in milliseconds. */
export interface Rule {
  readonly algorithm: AlgorithmName
  /** Units per window. */
  readonly limit: number
  /** The window; of `concurrency`, how long a lease lasts. */
  readonly windowMs: number
  /** The most that can be taken at once. */
  readonly capacity: number
  /** Sub-buckets of `sliding-window`. */
  readonly buckets: number
}

/**
 * What is remembered of one client under one rule: whole numbers, whose meaning is the algorithm's.
 * Empty means that nothing is.
 */
export type State = readonly number[]

/** Where a charge lies in the state, so that it can be given back. */
export interface Mark {
  /** Its time, its sub-bucket or its lease. */
  readonly place: number
  /** The debt with it, of a bucket that pays off; else 0. */
  readonly debt: number
}

/** No wait helps: the cost is more than there can ever be. */
export const NEVER = -1

/**
 * One algorithm as pure steps over whole numbers, so that its Lua twin computes the very same.
 *
 * All steps but `roll` are given a state that `roll` has brought to `nowMs`.
 */
export interface Algorithm {
  /** What remains of a state at `nowMs`. A state from the future (a clock set back) is taken for now's. */
  roll(rule: Rule, state: State, nowMs: number): State
  /** Units taken, rounded up. */
  used(rule: Rule, state: State): number
  /** Milliseconds until nothing remains of the state. */
  resetMs(rule: Rule, state: State, nowMs: number): number
  /** Milliseconds until `cost`, which does not fit now but can ever, fits if nobody else asks. */
  waitMs(rule: Rule, state: State, nowMs: number, cost: number): number
  /** Adds a charge, whether it fits or not. `id` names the lease it belongs to. */
  add(rule: Rule, state: State, nowMs: number, cost: number, id: number): Added
  /** Takes a charge back: what is left of it, and nothing of others'. */
  giveBack(rule: Rule, state: State, nowMs: number, cost: number, mark: Mark): State
}

/** A state with a charge in it. */
export interface Added extends Mark {
  readonly state: State
}
