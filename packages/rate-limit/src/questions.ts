import { describeFound, invalidOption } from '@hotpath/core/base'
import type { Rule } from './algorithms/algorithm.ts'
import type { BanRule } from './algorithms/ban.ts'
import type { Item, Question } from './driver.ts'
import type { KeyNames } from './keys.ts'
import type { ConsumeOptions } from './limiter-types.ts'
import { type Policy, resolvePolicies, type SplitOptions } from './options-schema.ts'

/** A question with the policies that it is about. */
export interface Asked {
  readonly question: Question
  readonly names: readonly string[]
}

/** Makes questions: which policies hold for a request, at which limit and cost. */
export class Questions<Req> {
  readonly #options: SplitOptions<Req>
  readonly #keys: KeyNames
  readonly #hasSharedSlot: boolean

  constructor(options: SplitOptions<Req>, keys: KeyNames) {
    this.#options = options
    this.#keys = keys
    this.#hasSharedSlot =
      options.choose !== undefined || options.policies.some(({ key }) => key !== undefined)
  }

  async ask(client: string, { cost = 1, request }: ConsumeOptions<Req> = {}): Promise<Asked> {
    if (typeof client !== 'string') throw invalidOption('key', client, 'text')
    if (!Number.isSafeInteger(cost) || cost < 0) {
      throw invalidOption('cost', cost, 'a whole number, 0 or more')
    }
    // The functions are the caller's, who passes what they take.
    const { choose } = this.#options
    const policies =
      choose === undefined ? this.#options.policies : await this.#policiesFor(request as Req)
    const base = this.#keys.base(client, this.#hasSharedSlot)
    const items: Item[] = []
    for (const policy of policies) {
      items.push(
        this.#fixedItem(policy, base, cost) ??
          (await this.#item(policy, base, cost, request as Req)),
      )
    }
    const ban = this.#ban(policies)
    const banKey = this.#keys.ban(base)
    return { question: { banKey, ban, items }, names: policies.map(({ name }) => name) }
  }

  /** Where the client's refusals and bans are. */
  banKey(client: string): string {
    return this.#keys.ban(this.#keys.base(client, this.#hasSharedSlot))
  }

  async #policiesFor(request: Req): Promise<readonly Policy<Req>[]> {
    const { choose, policies } = this.#options
    return choose === undefined ? policies : resolvePolicies('policies()', await choose(request))
  }

  /** Where nothing is to be asked of the request, nothing is waited for. */
  #fixedItem(policy: Policy<Req>, base: string, cost: number): Item | undefined {
    const { limit, cost: own, key, algorithm } = policy
    if (key !== undefined || typeof limit === 'function' || typeof own === 'function')
      return undefined
    const usual = algorithm === 'concurrency' ? Math.min(cost, 1) : cost
    return { key: this.#keys.policy(base, policy), rule: ruleOf(policy, limit), cost: own ?? usual }
  }

  async #item(policy: Policy<Req>, base: string, cost: number, request: Req): Promise<Item> {
    const limit = await amountOf('limit', policy.limit, request, 1)
    const owner =
      policy.key === undefined
        ? base
        : this.#keys.base(await policy.key(request), this.#hasSharedSlot)
    return {
      key: this.#keys.policy(owner, policy),
      rule: ruleOf(policy, limit),
      cost: await this.#cost(policy, cost, request),
    }
  }

  /** However much a request costs, it is one request under way. */
  async #cost(policy: Policy<Req>, cost: number, request: Req): Promise<number> {
    if (policy.cost !== undefined) return await amountOf('cost', policy.cost, request, 0)
    return policy.algorithm === 'concurrency' ? Math.min(cost, 1) : cost
  }

  #ban(policies: readonly Policy<Req>[]): BanRule {
    const longestMs = Math.max(...policies.map(({ windowMs }) => windowMs))
    const { ban } = this.#options.settings
    return { ...ban, forgetMs: Math.max(longestMs, ban.durationMs) }
  }
}

async function amountOf<Req>(
  name: string,
  given: number | ((request: Req) => number | Promise<number>),
  request: Req,
  least: number,
): Promise<number> {
  if (typeof given === 'number') return given
  const found = await given(request)
  if (Number.isSafeInteger(found) && found >= least) return found
  throw invalidOption(`${name}()`, describeFound(found), `a whole number, ${least} or more`)
}

function ruleOf<Req>({ algorithm, windowMs, burst, buckets }: Policy<Req>, limit: number): Rule {
  return { algorithm, limit, windowMs, capacity: capacityOf(algorithm, limit, burst), buckets }
}

function capacityOf(
  algorithm: Rule['algorithm'],
  limit: number,
  burst: number | undefined,
): number {
  if (algorithm === 'gcra') return burst ?? 1
  return algorithm === 'token-bucket' ? (burst ?? limit) : limit
}

/** The same question to one of `instances` that share the limits. */
export function shareOf(question: Question, instances: number): Question {
  const part = (whole: number): number => Math.max(1, Math.floor(whole / instances))
  const items = question.items.map((item) => {
    const { rule } = item
    const shared = { ...rule, limit: part(rule.limit), capacity: part(rule.capacity) }
    return { ...item, rule: shared }
  })
  return { ...question, items }
}
