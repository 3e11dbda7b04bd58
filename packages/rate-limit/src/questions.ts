import { describeFound, invalidOption } from '@hotpath/core/base'
import type { Rule } from './algorithms/algorithm.ts'
import type { BanRule } from './algorithms/ban.ts'
import { arrayOf } from './array-of.ts'
import type { Item, Question } from './driver.ts'
import type { KeyNames } from './keys.ts'
import type { ConsumeOptions } from './limiter-types.ts'
import { type Policy, resolvePolicies, type SplitOptions } from './options-schema.ts'

/** What policies say before there is a request. */
interface Plan<Req> {
  readonly parts: readonly Part<Req>[]
  readonly names: readonly string[]
  readonly ban: BanRule
  readonly hasSlots: boolean
  /** Whether no policy needs to see the request. */
  readonly isFixed: boolean
}

interface Part<Req> {
  readonly policy: Policy<Req>
  readonly suffix: string
  readonly isConcurrency: boolean
  /** `undefined` where the request says what limit, cost or key it has. */
  readonly fixed: { readonly rule: Rule; readonly cost: number | undefined } | undefined
}

/** Makes questions: which policies hold for a request, at which limit and cost. */
export class Questions<Req> {
  readonly #options: SplitOptions<Req>
  readonly #keys: KeyNames
  /** `undefined` where the request says which policies it has. */
  readonly #plan: Plan<Req> | undefined

  constructor(options: SplitOptions<Req>, keys: KeyNames) {
    this.#options = options
    this.#keys = keys
    this.#plan = options.choose === undefined ? this.#planFor(options.policies) : undefined
  }

  /** At once where the request need not be asked. */
  ask(
    client: string,
    { cost = 1, request }: ConsumeOptions<Req> = {},
  ): Question | Promise<Question> {
    if (typeof client !== 'string') throw invalidOption('key', client, 'text')
    if (!Number.isSafeInteger(cost) || cost < 0) {
      throw invalidOption('cost', cost, 'a whole number, 0 or more')
    }
    const base = this.#keys.base(client)
    // The cast: the functions are the caller's, who passes what they take.
    if (!this.#plan?.isFixed) return this.#askOf(request as Req, base, cost)
    const { parts, names, ban, hasSlots } = this.#plan
    const items = arrayOf<Item>(parts.length)
    for (let at = 0; at < parts.length; at += 1) {
      items[at] = fixedItem(parts[at] as Part<Req>, base, cost) as Item
    }
    return { banKey: this.#keys.ban(base), ban, items, names, hasSlots }
  }

  /** Where the client's refusals and bans are. */
  banKey(client: string): string {
    return this.#keys.ban(this.#keys.base(client))
  }

  async #askOf(request: Req, base: string, cost: number): Promise<Question> {
    const { parts, names, ban, hasSlots } = this.#plan ?? (await this.#choosePlan(request))
    const items: Item[] = []
    for (const part of parts) {
      items.push(fixedItem(part, base, cost) ?? (await this.#item(part, base, cost, request)))
    }
    return { banKey: this.#keys.ban(base), ban, items, names, hasSlots }
  }

  async #choosePlan(request: Req): Promise<Plan<Req>> {
    const chosen = (await this.#options.choose?.(request)) ?? []
    return this.#planFor(resolvePolicies('policies()', chosen))
  }

  #planFor(policies: readonly Policy<Req>[]): Plan<Req> {
    const parts = policies.map((policy) => ({
      policy,
      suffix: this.#keys.suffix(policy),
      isConcurrency: policy.algorithm === 'concurrency',
      fixed: fixedOf(policy),
    }))
    const longestMs = Math.max(...policies.map(({ windowMs }) => windowMs))
    const { ban } = this.#options.settings
    return {
      parts,
      names: policies.map(({ name }) => name),
      ban: { ...ban, forgetMs: Math.max(longestMs, ban.durationMs) },
      hasSlots: parts.some(({ isConcurrency }) => isConcurrency),
      isFixed: parts.every(({ fixed }) => fixed !== undefined),
    }
  }

  async #item(part: Part<Req>, base: string, cost: number, request: Req): Promise<Item> {
    const { policy, suffix, isConcurrency } = part
    const limit = await amountOf('limit', policy.limit, request, 1)
    const owner = policy.key === undefined ? base : this.#keys.base(await policy.key(request))
    const own =
      policy.cost === undefined ? undefined : await amountOf('cost', policy.cost, request, 0)
    return {
      key: owner + suffix,
      rule: ruleOf(policy, limit),
      cost: own ?? unitsOf(isConcurrency, cost),
    }
  }
}

function fixedItem<Req>(
  { suffix, isConcurrency, fixed }: Part<Req>,
  base: string,
  cost: number,
): Item | undefined {
  if (fixed === undefined) return undefined
  const { rule, cost: own = unitsOf(isConcurrency, cost) } = fixed
  return { key: base + suffix, rule, cost: own }
}

function fixedOf<Req>(policy: Policy<Req>): Part<Req>['fixed'] {
  const { limit, cost, key } = policy
  if (key !== undefined || typeof limit === 'function' || typeof cost === 'function') {
    return undefined
  }
  return { rule: ruleOf(policy, limit), cost }
}

/** However much a request costs, it is one request under way. */
function unitsOf(isConcurrency: boolean, cost: number): number {
  return isConcurrency ? Math.min(cost, 1) : cost
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
