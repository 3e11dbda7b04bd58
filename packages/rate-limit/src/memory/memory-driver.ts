import type { Clock, Random } from '@hotpath/core/base'
import type { Rule, State } from '../algorithms/algorithm.ts'
import { ALGORITHMS } from '../algorithms/algorithms.ts'
import { type BanState, banKeptMs, strike } from '../algorithms/ban.ts'
import { renewLease } from '../algorithms/concurrency.ts'
import { type Judged, judge } from '../algorithms/judge.ts'
import type { Charge, Driver, Item, Mode, Outcome, Question } from '../driver.ts'
import { leaseId } from '../lease-id.ts'
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
    const nowMs = this.#clock.now()
    const states = question.items.map(({ key, rule }) => this.#table(rule).read(key, rule, nowMs))
    const judged = question.items.map(({ rule, cost }, at) =>
      judge(rule, states[at] as State, nowMs, cost),
    )
    const [, , untilMs] = this.#bans.get(question.banKey, nowMs) ?? NOT_BANNED
    const fits = judged.every((one) => one.fits)
    const allowed = fits && untilMs <= nowMs
    if (mode === 'force' || (mode === 'consume' && allowed)) {
      return this.#charge(question, states, judged, allowed, nowMs)
    }
    const isStruck = mode === 'consume' && untilMs <= nowMs
    const bannedUntilMs = isStruck ? this.#strike(question, nowMs) : untilMs
    return { allowed, bannedForMs: Math.max(0, bannedUntilMs - nowMs), judged, charges: [] }
  }

  refund(charges: readonly Charge[]): void {
    const nowMs = this.#clock.now()
    for (const { key, rule, cost, mark } of charges) {
      this.#change(key, rule, nowMs, (state) =>
        ALGORITHMS[rule.algorithm].giveBack(rule, state, nowMs, cost, mark),
      )
    }
  }

  renew(charges: readonly Charge[]): void {
    const nowMs = this.#clock.now()
    for (const { key, rule, mark } of charges) {
      this.#change(key, rule, nowMs, (state) => renewLease(rule.windowMs, state, nowMs, mark[0]))
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
    { items, banKey }: Question,
    states: readonly State[],
    judged: readonly Judged[],
    allowed: boolean,
    nowMs: number,
  ): Outcome {
    const id = leaseId(this.#random, items)
    const charges: Charge[] = []
    const after = items.map((item, at) => {
      const { rule, key, cost } = item
      const { state, mark } = ALGORITHMS[rule.algorithm].add(
        rule,
        states[at] as State,
        nowMs,
        cost,
        id,
      )
      this.#table(rule).write(key, rule, state, nowMs)
      charges.push({ ...item, mark })
      return afterCharge(item, judged[at] as Judged, state, nowMs)
    })
    const [, , untilMs] = this.#bans.get(banKey, nowMs) ?? NOT_BANNED
    return { allowed, bannedForMs: Math.max(0, untilMs - nowMs), judged: after, charges }
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

function afterCharge({ rule, cost }: Item, before: Judged, state: State, nowMs: number): Judged {
  const steps = ALGORITHMS[rule.algorithm]
  return {
    ...before,
    remaining: Math.max(0, before.remaining - cost),
    resetMs: steps.resetMs(rule, state, nowMs),
  }
}
