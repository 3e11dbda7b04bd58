import { type Duration, Events, requireDuration } from '@hotpath/core/base'
import { BlockCache } from './block-cache.ts'
import type { RateLimitDecision, RateLimitLease } from './decision.ts'
import type { Driver, Mode, Outcome, Question } from './driver.ts'
import { formDecision } from './form-decision.ts'
import type { Instances } from './instances.ts'
import { isAway } from './is-away.ts'
import type {
  ConsumeOptions,
  RateLimiter,
  RateLimiterEvents,
  RateLimiterStats,
} from './limiter-types.ts'
import type { LimiterSettings } from './options-schema.ts'
import { type Asked, type Questions, shareOf } from './questions.ts'
import { SlotKeeper, slotsOf } from './slots.ts'

/** What a limiter is made of. */
export interface LimiterParts<Req> {
  readonly settings: LimiterSettings
  readonly questions: Questions<Req>
  /** Redis, or memory where there is none. */
  readonly store: Driver
  /** What decides while the store is away; `undefined` where the store is memory. */
  readonly local: Driver | undefined
  readonly instances: Instances | undefined
  close(): Promise<void>
}

/** Asks the store, and does what `onStoreError` says where it cannot be asked. */
export class Limiter<Req> implements RateLimiter<Req> {
  readonly #parts: LimiterParts<Req>
  readonly #events = new Events<RateLimiterEvents>({ prefix: 'hotpath:rate-limit', about: {} })
  readonly #blocked: BlockCache | undefined
  readonly #slots: SlotKeeper
  readonly #refunded = new WeakSet<RateLimitLease>()
  readonly #counts = {
    allowed: 0,
    refused: 0,
    shadowRefused: 0,
    refusedByBlockCache: 0,
    storeErrors: 0,
  }

  constructor(parts: LimiterParts<Req>) {
    this.#parts = parts
    const { blockCache, clock } = parts.settings
    if (blockCache !== undefined && parts.local !== undefined) {
      this.#blocked = new BlockCache(blockCache.maxKeys)
    }
    this.#slots = new SlotKeeper(clock, async (lease) => {
      await this.#driverOf(lease).renew(slotsOf(lease))
    })
  }

  async consume(key: string, options?: ConsumeOptions<Req>): Promise<RateLimitDecision> {
    const asked = await this.#parts.questions.ask(key, options)
    const nowMs = this.#parts.settings.clock.now()
    const known = this.#blocked?.find(asked.question, nowMs)
    const decision = known ?? (await this.#decide(key, asked, 'consume'))
    if (decision.isRefusal && decision.decidedBy === 'redis') {
      this.#blocked?.keep(asked.question, decision, this.#parts.settings.clock.now())
    }
    if (decision.lease !== undefined) this.#slots.hold(decision.lease)
    this.#count(decision)
    return decision
  }

  async peek(key: string, options?: ConsumeOptions<Req>): Promise<RateLimitDecision> {
    return await this.#decide(key, await this.#parts.questions.ask(key, options), 'peek')
  }

  async penalty(
    key: string,
    cost: number,
    options?: ConsumeOptions<Req>,
  ): Promise<RateLimitDecision> {
    const asked = await this.#parts.questions.ask(key, { ...options, cost })
    return await this.#decide(key, withoutSlots(asked, cost), 'force')
  }

  async refund(lease: RateLimitLease): Promise<void> {
    if (this.#refunded.has(lease)) return
    this.#refunded.add(lease)
    this.#slots.drop(lease)
    if (lease.charges.length === 0) return
    this.#blocked?.forget(this.#parts.questions.banKey(lease.key))
    await this.#quietly(() => this.#driverOf(lease).refund(lease.charges))
  }

  async release(lease: RateLimitLease): Promise<void> {
    this.#slots.drop(lease)
    const slots = slotsOf(lease)
    if (slots.length > 0) await this.#quietly(() => this.#driverOf(lease).refund(slots))
  }

  async block(key: string, duration: Duration): Promise<void> {
    const durationMs = Math.ceil(requireDuration('duration', duration))
    const banKey = this.#parts.questions.banKey(key)
    this.#blocked?.forget(banKey)
    await this.#parts.local?.block(banKey, durationMs, durationMs)
    await this.#quietly(() => this.#parts.store.block(banKey, durationMs, durationMs))
  }

  async reset(key: string, options?: ConsumeOptions<Req>): Promise<void> {
    const { question } = await this.#parts.questions.ask(key, options)
    const keys = [question.banKey, ...question.items.map((item) => item.key)]
    this.#blocked?.forget(question.banKey)
    await this.#parts.local?.reset(keys)
    await this.#quietly(() => this.#parts.store.reset(keys))
  }

  stats(): RateLimiterStats {
    return { ...this.#counts, instances: this.#parts.instances?.count ?? 1 }
  }

  on<E extends keyof RateLimiterEvents>(
    event: E,
    listener: (detail: RateLimiterEvents[E]) => void,
  ): () => void {
    return this.#events.on(event, listener)
  }

  async close(): Promise<void> {
    this.#slots.close()
    await this.#parts.close()
  }

  async #decide(key: string, asked: Asked, mode: Mode): Promise<RateLimitDecision> {
    const { settings, store, local } = this.#parts
    try {
      const outcome = await store.decide(asked.question, mode)
      return this.#form(key, asked, outcome, local === undefined ? 'memory' : 'redis')
    } catch (error) {
      this.#noteError(error)
      if (settings.onStoreError !== 'local' || local === undefined) {
        return withoutStore(settings, settings.onStoreError === 'deny')
      }
      const question = shareOf(asked.question, this.#parts.instances?.count ?? 1)
      return this.#form(key, { ...asked, question }, await local.decide(question, mode), 'local')
    }
  }

  #form(
    key: string,
    asked: Asked,
    outcome: Outcome,
    decidedBy: RateLimitDecision['decidedBy'],
  ): RateLimitDecision {
    return formDecision({ key, asked, outcome, decidedBy, mode: this.#parts.settings.mode })
  }

  #driverOf(lease: RateLimitLease): Driver {
    return (lease.isLocal ? this.#parts.local : undefined) ?? this.#parts.store
  }

  /** A refund or a reset that Redis does not hear is no trouble of the caller's: all ends by its TTL. */
  async #quietly(send: () => Promise<void> | void): Promise<void> {
    try {
      await send()
    } catch (error) {
      this.#noteError(error)
    }
  }

  #noteError(error: unknown): void {
    if (!isAway(error)) throw error
    this.#counts.storeErrors += 1
    this.#events.emit('store-error', { error })
  }

  #count(decision: RateLimitDecision): void {
    const { allowed, isRefusal, reason, decidedBy, policies } = decision
    const { mode } = this.#parts.settings
    this.#counts[allowed ? 'allowed' : 'refused'] += 1
    if (allowed && isRefusal) this.#counts.shadowRefused += 1
    if (decidedBy === 'block-cache') this.#counts.refusedByBlockCache += 1
    const topic = this.#events.topic('decision')
    if (!topic.isHeard) return
    const exceeded = policies.filter((one) => one.isExceeded).map(({ name }) => name)
    topic.emit({ allowed, isRefusal, reason, decidedBy, exceeded, mode })
  }
}

function withoutSlots({ question, names }: Asked, cost: number): Asked {
  const items = question.items.map((item) => ({
    ...item,
    cost: item.rule.algorithm === 'concurrency' ? 0 : cost,
  }))
  return { names, question: { ...question, items } satisfies Question }
}

/** Nothing is known of any quota, and nothing is said of it. */
function withoutStore({ mode }: LimiterSettings, isRefusal: boolean): RateLimitDecision {
  return {
    allowed: !isRefusal || mode === 'shadow',
    isRefusal,
    reason: 'store',
    policies: [],
    retryAfterMs: isRefusal ? 1_000 : 0,
    decidedBy: 'none',
    lease: undefined,
  }
}
