import type { RateLimitDecision } from './decision.ts'
import type { Question } from './driver.ts'
import { ExpiringMap } from './memory/expiring-map.ts'

interface Refusal {
  readonly decision: RateLimitDecision
  readonly untilMs: number
  /** What was asked: whose limits, and which. */
  readonly asked: string
  readonly costs: readonly number[]
}

/**
 * Clients that Redis has refused, until the time at which it may let them on: until then the answer
 * is known and need not be asked for.
 */
export class BlockCache {
  readonly #refusals: ExpiringMap<Refusal>
  /** Clients that were forgotten a moment ago, and when as {@link moment} counts. */
  readonly #forgotten: ExpiringMap<number>
  readonly #longestAskedMs: number
  #moment = 0

  /** `longestAskedMs`: how long Redis may be asked before its answer counts no more. */
  constructor(maxKeys: number, longestAskedMs: number) {
    this.#refusals = new ExpiringMap(maxKeys)
    this.#forgotten = new ExpiringMap(maxKeys)
    this.#longestAskedMs = longestAskedMs
  }

  /** Goes on with each client that is forgotten. */
  get moment(): number {
    return this.#moment
  }

  /** The refusal that still holds for this question, its times as they are now. */
  find({ banKey, items }: Question, nowMs: number): RateLimitDecision | undefined {
    const refusal = this.#refusals.get(banKey, nowMs)
    if (refusal === undefined) return undefined
    const { decision, untilMs, costs, asked } = refusal
    if (asked !== describe(items)) return undefined
    const isSmaller = items.some(({ cost }, at) => cost < (costs[at] as number))
    if (isSmaller && decision.reason !== 'banned') return undefined
    const passedMs = (decision.retryAfterMs ?? 0) - (untilMs - nowMs)
    const policies = decision.policies.map((policy) => ({
      ...policy,
      resetMs: Math.max(0, policy.resetMs - passedMs),
    }))
    return { ...decision, policies, retryAfterMs: untilMs - nowMs, decidedBy: 'block-cache' }
  }

  /**
   * Keeps a refusal; not one by slots, which may be given back at any time, nor one that counts
   * towards a ban, which Redis must hear of; nor one that was asked for at a moment before its client
   * was forgotten, for it may be older than what that was for.
   */
  keep(
    { banKey, ban, items }: Question,
    decision: RateLimitDecision,
    askedAt: number,
    nowMs: number,
  ): void {
    if ((this.#forgotten.get(banKey, nowMs) ?? 0) > askedAt) return
    const { retryAfterMs, policies, reason } = decision
    if (ban.after > 0 && reason !== 'banned') return
    const isBySlots = policies.some(({ isExceeded, isConcurrency }) => isExceeded && isConcurrency)
    if (!retryAfterMs || (isBySlots && reason === 'quota')) return
    const untilMs = nowMs + retryAfterMs
    const costs = items.map(({ cost }) => cost)
    this.#refusals.set(banKey, { decision, untilMs, costs, asked: describe(items) }, untilMs, nowMs)
  }

  forget(banKey: string, nowMs: number): void {
    this.#moment += 1
    this.#refusals.delete(banKey)
    this.#forgotten.set(banKey, this.#moment, nowMs + this.#longestAskedMs, nowMs)
  }
}

function describe(items: Question['items']): string {
  return items.map(({ key, rule }) => `${key} ${rule.limit} ${rule.capacity}`).join()
}
