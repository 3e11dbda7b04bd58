import type { Clock, Timer } from '@hotpath/core'
import type { RateLimitLease } from './decision.ts'
import type { Charge } from './driver.ts'

/** The concurrency slots among a lease's charges. */
export function slotsOf(lease: RateLimitLease): Charge[] {
  return lease.charges.filter(({ rule }) => rule.algorithm === 'concurrency')
}

/** Renews the slots held by this process, all by one timer, so that they end only when it does. */
export class SlotKeeper {
  readonly #clock: Clock
  readonly #renew: (lease: RateLimitLease) => Promise<void>
  readonly #held = new Set<RateLimitLease>()
  #timer: Timer | undefined

  constructor(clock: Clock, renew: (lease: RateLimitLease) => Promise<void>) {
    this.#clock = clock
    this.#renew = renew
  }

  hold(lease: RateLimitLease): void {
    if (slotsOf(lease).length === 0) return
    this.#held.add(lease)
    this.#schedule()
  }

  drop(lease: RateLimitLease): void {
    this.#held.delete(lease)
    if (this.#held.size === 0) this.close()
  }

  close(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }

  #schedule(): void {
    if (this.#timer !== undefined || this.#held.size === 0) return
    const slots = [...this.#held].flatMap(slotsOf)
    const shortestMs = Math.min(...slots.map(({ rule }) => rule.windowMs))
    this.#timer = this.#clock.schedule(Math.max(1, Math.floor(shortestMs / 3)), () => this.#beat())
  }

  #beat(): void {
    this.#timer = undefined
    for (const lease of this.#held) this.#renew(lease).catch(() => {})
    this.#schedule()
  }
}
