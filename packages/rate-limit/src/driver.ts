import type { Mark, Rule } from './algorithms/algorithm.ts'
import type { BanRule } from './algorithms/ban.ts'
import type { PolicyStatus } from './policy-status.ts'

/** One policy of one client: where its state is, and what is asked of it. */
export interface Item {
  readonly key: string
  readonly rule: Rule
  readonly cost: number
}

/** All that one decision looks at. */
export interface Question {
  readonly banKey: string
  readonly ban: BanRule
  readonly items: readonly Item[]
  /** What the policies are called, one for each item. */
  readonly names: readonly string[]
  /** Whether an item takes one of so many slots, and not of so many units. */
  readonly hasSlots: boolean
}

/** What to do with the answer: charge it if all fits, do not charge, or charge in any case. */
export type Mode = 'consume' | 'peek' | 'force'

/** An item that has been charged, and where. */
export interface Charge extends Item, Mark {}

/** What a driver decided. */
export interface Outcome {
  readonly allowed: boolean
  /** 0: not banned. */
  readonly bannedForMs: number
  /** Until every policy fits: 0 if all do, `NEVER` if one never can. */
  readonly waitMs: number
  /** One for each item. */
  readonly policies: readonly PolicyStatus[]
  /** What was charged: every item, or none. */
  readonly charges: readonly Charge[]
}

/** Where limits are kept. Each call is atomic. */
export interface Driver {
  decide(question: Question, mode: Mode): Promise<Outcome> | Outcome
  /** Takes charges back; those of which nothing is left are as they were. */
  refund(charges: readonly Charge[]): Promise<void> | void
  /** Makes slots last anew. */
  renew(charges: readonly Charge[]): Promise<void> | void
  block(banKey: string, durationMs: number, forgetMs: number): Promise<void> | void
  reset(keys: readonly string[]): Promise<void> | void
}
