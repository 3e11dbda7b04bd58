import type { RedisLink } from '@hotpath/core'
import type { Random } from '@hotpath/core/base'
import { longerWait } from '../algorithms/judge.ts'
import type { Charge, Driver, Item, Mode, Outcome, Question } from '../driver.ts'
import { leaseId } from '../lease-id.ts'
import { BLOCK, CONSUME, GIVE_BACK } from '../lua/scripts.ts'
import { type PolicyStatus, statusOf } from '../policy-status.ts'

const HEAD = 3
const PER_ITEM = 6

/** Limits in Redis, by Redis's clock: each decision is one script in one round trip. */
export class RedisDriver implements Driver {
  readonly #link: RedisLink
  readonly #random: Random

  constructor(link: RedisLink, random: Random) {
    this.#link = link
    this.#random = random
  }

  async decide(question: Question, mode: Mode): Promise<Outcome> {
    const { banKey, ban, items } = question
    const keys = [banKey, ...items.map(({ key }) => key)]
    const { after, durationMs, factor, forgetMs } = ban
    const id = leaseId(this.#random, items)
    const args = [mode, id, after, durationMs, factor, forgetMs, ...items.flatMap(argsOf)]
    return readOutcome(question, mode, (await this.#link.run(CONSUME, keys, args)) as number[])
  }

  async refund(charges: readonly Charge[]): Promise<void> {
    await this.#giveBack('refund', charges)
  }

  async renew(charges: readonly Charge[]): Promise<void> {
    await this.#giveBack('renew', charges)
  }

  async block(banKey: string, durationMs: number, forgetMs: number): Promise<void> {
    await this.#link.run(BLOCK, [banKey], [durationMs, forgetMs])
  }

  async reset(keys: readonly string[]): Promise<void> {
    await this.#link.command('del', ...keys)
  }

  async #giveBack(how: 'refund' | 'renew', charges: readonly Charge[]): Promise<void> {
    const keys = charges.map(({ key }) => key)
    const args = charges.flatMap((charge) => [...argsOf(charge), charge.place, charge.debt])
    await this.#link.run(GIVE_BACK, keys, [how, ...args])
  }
}

function argsOf({ rule, cost }: Item): (string | number)[] {
  return [rule.algorithm, rule.limit, rule.windowMs, rule.capacity, rule.buckets, cost]
}

function readOutcome({ items, names }: Question, mode: Mode, reply: readonly number[]): Outcome {
  const [nowMs, bannedUntilMs, allowed] = reply as [number, number, number]
  const isCharged = mode === 'force' || (mode === 'consume' && allowed === 1)
  const policies = new Array<PolicyStatus>(items.length)
  const charges = new Array<Charge>(isCharged ? items.length : 0)
  let waitMs = 0
  for (let at = 0; at < items.length; at += 1) {
    const { key, rule, cost } = items[at] as Item
    const from = HEAD + at * PER_ITEM
    const number = (offset: number): number => reply[from + offset] as number
    const judged = { fits: number(0) === 1, remaining: number(1), resetMs: number(2) }
    policies[at] = statusOf(names[at] as string, rule, judged)
    waitMs = longerWait(waitMs, number(3))
    if (isCharged) charges[at] = { key, rule, cost, place: number(4), debt: number(5) }
  }
  const bannedForMs = Math.max(0, bannedUntilMs - nowMs)
  return { allowed: allowed === 1, bannedForMs, waitMs, policies, charges }
}
