import type { Rule } from '../algorithms/algorithm.ts'
import type { BanRule } from '../algorithms/ban.ts'
import { longerWait } from '../algorithms/judge.ts'
import { arrayOf } from '../array-of.ts'
import type { Charge, Item, Mode, Outcome, Question } from '../driver.ts'
import { type PolicyStatus, statusOf } from '../policy-status.ts'

/** A question on its way to Redis. */
export interface Asked {
  readonly question: Question
  readonly mode: Mode
  /** Names the slots that it takes. */
  readonly id: number
}

/** What `consumeScript` is given: keys, and questions as JSON. Rules that many share are told once. */
export function formatQuestions(asked: readonly Asked[]): { keys: string[]; json: string } {
  const keys: string[] = []
  const rules = new Places<Rule>()
  const bans = new Places<BanRule>()
  const questions = asked.map(({ question, mode, id }) => {
    const { banKey, ban, items } = question
    keys.push(banKey)
    const told: (string | number)[] = [mode, id, bans.placeOf(ban)]
    for (const { key, rule, cost } of items) {
      keys.push(key)
      told.push(rules.placeOf(rule), cost)
    }
    return told
  })
  return { keys, json: JSON.stringify({ rules: rules.all, bans: bans.all, questions }) }
}

/** What `giveBackScript` is given. */
export function formatCharges(
  how: 'refund' | 'renew',
  given: readonly Charge[],
): { keys: string[]; json: string } {
  const rules = new Places<Rule>()
  const charges = given.map(({ rule, cost, place, debt }) => [
    rules.placeOf(rule),
    cost,
    place,
    debt,
  ])
  return {
    keys: given.map(({ key }) => key),
    json: JSON.stringify({ how, rules: rules.all, charges }),
  }
}

/** Things, each once, by their places as Lua counts them. */
class Places<T> {
  readonly all: T[] = []

  placeOf(thing: T): number {
    const known = this.all.lastIndexOf(thing)
    return known < 0 ? this.all.push(thing) : known + 1
  }
}

const PER_QUESTION = 2
const PER_ITEM = 6

/** How many numbers of the reply are a question's own. */
export function replyLength({ items }: Question): number {
  return PER_QUESTION + items.length * PER_ITEM
}

/** The outcome of a question whose part of the reply begins at `from`. */
export function readOutcome(
  { question, mode }: Asked,
  reply: readonly number[],
  from: number,
): Outcome {
  const { items, names } = question
  const bannedForMs = reply[from] as number
  const allowed = reply[from + 1] === 1
  const isCharged = mode === 'force' || (mode === 'consume' && allowed)
  const policies = arrayOf<PolicyStatus>(items.length)
  const charges = arrayOf<Charge>(isCharged ? items.length : 0)
  let waitMs = 0
  let at = from + PER_QUESTION
  for (let i = 0; i < items.length; i += 1) {
    const { key, rule, cost } = items[i] as Item
    const [fits, remaining, resetMs] = [reply[at] === 1, reply[at + 1], reply[at + 2]]
    const judged = { fits, remaining: remaining as number, resetMs: resetMs as number }
    policies[i] = statusOf(names[i] as string, rule, judged)
    waitMs = longerWait(waitMs, reply[at + 3] as number)
    const [place, debt] = [reply[at + 4] as number, reply[at + 5] as number]
    if (isCharged) charges[i] = { key, rule, cost, place, debt }
    at += PER_ITEM
  }
  return { allowed, bannedForMs, waitMs, policies, charges }
}
