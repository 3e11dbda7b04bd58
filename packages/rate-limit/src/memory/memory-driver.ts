import type { Clock, Random } from '@hotpath/core/base'
import type { Rule, State } from '../algorithms/algorithm.ts'
import { ALGORITHMS } from '../algorithms/algorithms.ts'
import { type BanState, banKeptMs, strike } from '../algorithms/ban.ts'
import { renewLease } from '../algorithms/concurrency.ts'
import { judge, longerWait, waitFor } from '../algorithms/judge.ts'
import { arrayOf } from '../array-of.ts'
import type { Charge, Driver, Item, Mode, Outcome, Question } from '../driver.ts'
import { leaseId } from '../lease-id.ts'
import { type PolicyStatus, statusOf } from '../policy-status.ts'
import { BanTable } from './ban-table.ts'
import { StateTable } from './state-table.ts'

const NOT_BANNED: BanState = [0, 0, 0]

/** Limits in process memory, bounded whatever comes. */
export class MemoryDriver implements Driver {
  readonly #clock: Clock
  readonly #random: Random
  readonly #states: StateTable
  /** Slots of requests under way, which are bounded by those: none gives way to another. */
  readonly #slots: StateTable
  readonly #bans: BanTable

  constructor(maxKeys: number, clock: Clock, random: Random) {
    this.#clock = clock
    this.#random = random
    this.#states = new StateTable(maxKeys, random)
    this.#slots = new StateTable(Number.POSITIVE_INFINITY, random)
    this.#bans = new BanTable(maxKeys)
  }

  /** Clients and policies that are remembered one by one. */
  get size(): number {
    return this.#states.size + this.#slots.size
  }

  decide(question: Question, mode: Mode): Outcome {
    const { items, banKey } = question
    const nowMs = this.#clock.now()
    const states = arrayOf<State>(items.length)
    let fits = true
    for (let at = 0; at < items.length; at += 1) {
      const { key, rule, cost } = items[at] as Item
      const state = this.#table(rule).read(key, rule, nowMs)
      states[at] = state
      if (ALGORITHMS[rule.algorithm].used(rule, state) + cost > rule.capacity) fits = false
    }
    const untilMs = (this.#bans.get(banKey, nowMs) ?? NOT_BANNED)[2]
    const isBanned = untilMs > nowMs
    const allowed = fits && !isBanned
    if (mode === 'force' || (mode === 'consume' && allowed)) {
      return this.#charge(question, states, nowMs, allowed, Math.max(0, untilMs - nowMs))
    }
    const isStruck = mode === 'consume' && !isBanned
    const bannedUntilMs = isStruck ? this.#strike(question, nowMs) : untilMs
    return judgeAll(question, states, nowMs, allowed, Math.max(0, bannedUntilMs - nowMs))
  }

  refund(charges: readonly Charge[]): void {
    const nowMs = this.#clock.now()
    for (const charge of charges) {
      const { key, rule, cost } = charge
      this.#change(key, rule, nowMs, (state) =>
        ALGORITHMS[rule.algorithm].giveBack(rule, state, nowMs, cost, charge),
      )
    }
  }

  renew(charges: readonly Charge[]): void {
    const nowMs = this.#clock.now()
    for (const { key, rule, place } of charges) {
      this.#change(key, rule, nowMs, (state) => renewLease(rule.windowMs, state, nowMs, place))
    }
  }

  block(banKey: string, durationMs: number, forgetMs: number): void {
    const nowMs = this.#clock.now()
    const [strikes, bans] = this.#bans.get(banKey, nowMs) ?? NOT_BANNED
    const untilMs = nowMs + durationMs
    this.#bans.set(banKey, [strikes, bans, untilMs], untilMs + forgetMs, nowMs)
  }

  reset(keys: readonly string[]): void {
    for (const key of keys) {
      this.#states.delete(key)
      this.#slots.delete(key)
      this.#bans.delete(key)
    }
  }

  #charge(
    question: Question,
    states: readonly State[],
    nowMs: number,
    allowed: boolean,
    bannedForMs: number,
  ): Outcome {
    const { items, names } = question
    const id = leaseId(this.#random, question)
    const charges = arrayOf<Charge>(items.length)
    const policies = arrayOf<PolicyStatus>(items.length)
    let waitMs = 0
    for (let at = 0; at < items.length; at += 1) {
      const { key, rule, cost } = items[at] as Item
      const before = states[at] as State
      const steps = ALGORITHMS[rule.algorithm]
      const used = steps.used(rule, before)
      const { state, place, debt } = steps.add(rule, before, nowMs, cost, id)
      const resetMs = this.#table(rule).write(key, rule, state, nowMs)
      charges[at] = { key, rule, cost, place, debt }
      const fits = used + cost <= rule.capacity
      const remaining = Math.max(0, rule.capacity - used - cost)
      policies[at] = statusOf(names[at] as string, rule, { fits, remaining, resetMs })
      if (!fits) waitMs = longerWait(waitMs, waitFor(rule, before, nowMs, cost))
    }
    return { allowed, bannedForMs, waitMs, policies, charges }
  }

  #strike({ banKey, ban }: Question, nowMs: number): number {
    if (ban.after === 0) return 0
    const state = strike(ban, this.#bans.get(banKey, nowMs) ?? NOT_BANNED, nowMs)
    this.#bans.set(banKey, state, nowMs + banKeptMs(ban, state, nowMs), nowMs)
    return state[2]
  }

  #change(key: string, rule: Rule, nowMs: number, step: (state: State) => State): void {
    const table = this.#table(rule)
    const state = table.read(key, rule, nowMs)
    if (state.length === 0) return
    const changed = step(state)
    if (changed.length === 0) table.delete(key)
    else table.write(key, rule, changed, nowMs)
  }

  #table({ algorithm }: Rule): StateTable {
    return algorithm === 'concurrency' ? this.#slots : this.#states
  }
}

function judgeAll(
  { items, names }: Question,
  states: readonly State[],
  nowMs: number,
  allowed: boolean,
  bannedForMs: number,
): Outcome {
  let waitMs = 0
  const policies = items.map(({ rule, cost }, at) => {
    const judged = judge(rule, states[at] as State, nowMs, cost)
    waitMs = longerWait(waitMs, judged.waitMs)
    return statusOf(names[at] as string, rule, judged)
  })
  return { allowed, bannedForMs, waitMs, policies, charges: [] }
}
