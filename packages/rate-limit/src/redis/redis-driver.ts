import type { RedisLink } from '@hotpath/core'
import type { Random } from '@hotpath/core/base'
import type { Judged } from '../algorithms/judge.ts'
import type { Charge, Driver, Item, Mode, Outcome, Question } from '../driver.ts'
import { leaseId } from '../lease-id.ts'
import { BLOCK, CONSUME, GIVE_BACK } from '../lua/scripts.ts'

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
    const args = charges.flatMap((charge) => [...argsOf(charge), ...charge.mark])
    await this.#link.run(GIVE_BACK, keys, [how, ...args])
  }
}

function argsOf({ rule, cost }: Item): (string | number)[] {
  return [rule.algorithm, rule.limit, rule.windowMs, rule.capacity, rule.buckets, cost]
}

function readOutcome({ items }: Question, mode: Mode, reply: readonly number[]): Outcome {
  const [nowMs, bannedUntilMs, allowed] = reply as [number, number, number]
  const isCharged = mode === 'force' || (mode === 'consume' && allowed === 1)
  return {
    allowed: allowed === 1,
    bannedForMs: Math.max(0, bannedUntilMs - nowMs),
    judged: items.map((_item, at) => readJudged(reply, HEAD + at * PER_ITEM)),
    charges: isCharged ? items.map((item, at) => readCharge(item, reply, at)) : [],
  }
}

function readJudged(reply: readonly number[], at: number): Judged {
  const [fits, remaining, resetMs, waitMs] = reply.slice(at, at + 4) as [
    number,
    number,
    number,
    number,
  ]
  return { fits: fits === 1, remaining, resetMs, waitMs }
}

function readCharge(item: Item, reply: readonly number[], at: number): Charge {
  const from = HEAD + at * PER_ITEM + 4
  return { ...item, mark: [reply[from] as number, reply[from + 1] as number] }
}
