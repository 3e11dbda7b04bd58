import type { Clock, Timer } from '@hotpath/core'
import type { RateLimitLease } from './decision.ts'
import type { Charge } from './driver.ts'
import { isSlot } from './lease-id.ts'

/** The concurrency slots among a lease's charges. */
export function slotsOf(lease: RateLimitLease): Charge[] {
  return lease.charges.filter(isSlot)
}

/** Renews the slots held by this process, all by one timer, so that they end only when it does. */
export class SlotKeeper {
  readonly #clock: Clock
  readonly #renew: (lease: RateLimitLease) => Promise<void>
  readonly #held = new Set<RateLimitLease>()
  #timer: Timer | undefined
  #dueMs = 0
  #isClosed = false

  constructor(clock: Clock, renew: (lease: RateLimitLease) => Promise<void>) {
    this.#clock = clock
    this.#renew = renew
  }

  hold(lease: RateLimitLease): void {
    if (this.#isClosed) return
    this.#held.add(lease)
    this.#beatWithin(shortestOf(slotsOf(lease)))
  }

  drop(lease: RateLimitLease): void {
    this.#held.delete(lease)
    if (this.#held.size === 0) this.#cancel()
  }

  close(): void {
    this.#isClosed = true
    this.#cancel()
  }

  #cancel(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }

  /** A slot that ends sooner than all before it is renewed sooner. */
  #beatWithin(windowMs: number): void {
    const delayMs = Math.max(1, Math.floor(windowMs / 3))
    const dueMs = this.#clock.now() + delayMs
    if (this.#timer !== undefined && this.#dueMs <= dueMs) return
    this.#timer?.cancel()
    this.#dueMs = dueMs
    this.#timer = this.#clock.schedule(delayMs, () => this.#beat())
  }

  #beat(): void {
    this.#timer = undefined
    let shortestMs = Number.POSITIVE_INFINITY
    for (const lease of this.#held) {
      shortestMs = Math.min(shortestMs, shortestOf(slotsOf(lease)))
      this.#renew(lease).catch(() => {})
    }
    if (this.#held.size > 0) this.#beatWithin(shortestMs)
  }
}

function shortestOf(slots: readonly Charge[]): number {
  return Math.min(...slots.map(({ rule }) => rule.windowMs))
}
