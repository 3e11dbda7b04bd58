import { type Duration, Events, requireDuration } from '@hotpath/core/base'
import { BlockCache } from './block-cache.ts'
import type { RateLimitDecision, RateLimitLease } from './decision.ts'
import type { Driver, Mode, Question } from './driver.ts'
import { formDecision } from './form-decision.ts'
import type { Instances } from './instances.ts'
import { isAway } from './is-away.ts'
import { isSlot } from './lease-id.ts'
import type {
  ConsumeOptions,
  RateLimiter,
  RateLimiterEvents,
  RateLimiterStats,
} from './limiter-types.ts'
import type { MemoryDriver } from './memory/memory-driver.ts'
import type { LimiterSettings } from './options-schema.ts'
import { type Questions, shareOf } from './questions.ts'
import type { RedisDriver } from './redis/redis-driver.ts'
import { SlotKeeper, slotsOf } from './slots.ts'

/** What a limiter is made of. */
export interface LimiterParts<Req> {
  readonly settings: LimiterSettings
  readonly questions: Questions<Req>
  readonly redis: RedisDriver | undefined
  /** What decides where there is no Redis, or while it is away. */
  readonly memory: MemoryDriver
  readonly instances: Instances | undefined
  close(): Promise<void>
}

/** Asks Redis, and does what `onStoreError` says where it cannot be asked; memory where there is none. */
export class Limiter<Req> implements RateLimiter<Req> {
  readonly #parts: LimiterParts<Req>
  readonly #events = new Events<RateLimiterEvents>({ prefix: 'hotpath:rate-limit', about: {} })
  readonly #decisions = this.#events.topic('decision')
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
    if (blockCache !== undefined && parts.redis !== undefined) {
      this.#blocked = new BlockCache(blockCache.maxKeys, 2 * parts.settings.storeTimeout)
    }
    this.#slots = new SlotKeeper(clock, async (lease) => {
      await this.#driverOf(lease).renew(slotsOf(lease))
    })
  }

  async consume(key: string, options?: ConsumeOptions<Req>): Promise<RateLimitDecision> {
    return this.take(key, options)
  }

  /** As `consume`, at once where nothing has to be waited for; what `consume` rejects with it may throw. */
  take(key: string, options?: ConsumeOptions<Req>): RateLimitDecision | Promise<RateLimitDecision> {
    const question = this.#parts.questions.ask(key, options)
    if (question instanceof Promise || this.#parts.redis !== undefined) {
      return this.#takeLater(key, question)
    }
    return this.#taken(question, this.#decideHere(key, question, 'consume'))
  }

  async peek(key: string, options?: ConsumeOptions<Req>): Promise<RateLimitDecision> {
    return await this.#decide(key, await this.#parts.questions.ask(key, options), 'peek')
  }

  async penalty(
    key: string,
    cost: number,
    options?: ConsumeOptions<Req>,
  ): Promise<RateLimitDecision> {
    const question = await this.#parts.questions.ask(key, { ...options, cost })
    return await this.#decide(key, withoutSlots(question, cost), 'force')
  }

  async refund(lease: RateLimitLease): Promise<void> {
    if (this.#refunded.has(lease)) return
    this.#refunded.add(lease)
    this.#slots.drop(lease)
    if (lease.charges.length === 0) return
    await this.#quietly(() => this.#driverOf(lease).refund(lease.charges))
    this.#blocked?.forget(this.#parts.questions.banKey(lease.key), this.#parts.settings.clock.now())
  }

  async release(lease: RateLimitLease): Promise<void> {
    this.#slots.drop(lease)
    const slots = slotsOf(lease)
    if (slots.length > 0) await this.#quietly(() => this.#driverOf(lease).refund(slots))
  }

  async block(key: string, duration: Duration): Promise<void> {
    const durationMs = Math.ceil(requireDuration('duration', duration))
    const banKey = this.#parts.questions.banKey(key)
    this.#blocked?.forget(banKey, this.#parts.settings.clock.now())
    this.#parts.memory.block(banKey, durationMs, durationMs)
    await this.#quietly(() => this.#parts.redis?.block(banKey, durationMs, durationMs))
  }

  async reset(key: string, options?: ConsumeOptions<Req>): Promise<void> {
    const question = await this.#parts.questions.ask(key, options)
    const keys = [question.banKey, ...question.items.map((item) => item.key)]
    this.#parts.memory.reset(keys)
    await this.#quietly(() => this.#parts.redis?.reset(keys))
    this.#blocked?.forget(question.banKey, this.#parts.settings.clock.now())
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

  async #takeLater(key: string, asking: Question | Promise<Question>): Promise<RateLimitDecision> {
    const question = await asking
    const { clock } = this.#parts.settings
    const askedAt = this.#blocked?.moment ?? 0
    const known = this.#blocked?.find(question, clock.now())
    const decision = known ?? (await this.#decide(key, question, 'consume'))
    if (decision.isRefusal && decision.decidedBy === 'redis') {
      this.#blocked?.keep(question, decision, askedAt, clock.now())
    }
    return this.#taken(question, decision)
  }

  #taken({ hasSlots }: Question, decision: RateLimitDecision): RateLimitDecision {
    if (hasSlots && decision.lease !== undefined) this.#slots.hold(decision.lease)
    this.#count(decision)
    return decision
  }

  async #decide(key: string, question: Question, mode: Mode): Promise<RateLimitDecision> {
    const { settings, redis } = this.#parts
    if (redis === undefined) return this.#decideHere(key, question, mode)
    try {
      const outcome = await redis.decide(question, mode)
      return formDecision({ key, outcome, decidedBy: 'redis', mode: settings.mode })
    } catch (error) {
      this.#noteError(error)
      if (settings.onStoreError !== 'local') {
        return withoutStore(settings, settings.onStoreError === 'deny')
      }
      const share = shareOf(question, this.#parts.instances?.count ?? 1)
      return this.#decideHere(key, share, mode)
    }
  }

  #decideHere(key: string, question: Question, mode: Mode): RateLimitDecision {
    const { settings, redis, memory } = this.#parts
    const outcome = memory.decide(question, mode)
    const decidedBy = redis === undefined ? 'memory' : 'local'
    return formDecision({ key, outcome, decidedBy, mode: settings.mode })
  }

  #driverOf(lease: RateLimitLease): Driver {
    const { redis, memory } = this.#parts
    return redis === undefined || lease.isLocal ? memory : redis
  }

  /** A refund or a reset that Redis does not hear is no trouble of the caller's: all ends by its TTL. */
  async #quietly(send: () => Promise<void> | void | undefined): Promise<void> {
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
    if (!this.#decisions.isHeard) return
    const exceeded = policies.filter((one) => one.isExceeded).map(({ name }) => name)
    this.#decisions.emit({ allowed, isRefusal, reason, decidedBy, exceeded, mode })
  }
}

function withoutSlots(question: Question, cost: number): Question {
  const items = question.items.map((item) => ({ ...item, cost: isSlot(item) ? 0 : cost }))
  return { ...question, items }
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
