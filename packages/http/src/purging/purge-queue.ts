import { type PurgeAnswer, PurgeProblem } from './purge-answer.ts'
import type { PurgeOrder } from './purge-order.ts'

/** More at one time are asked to come again. */
export const MOST_AT_ONCE = 16

/**
 * Carries out purges, a bounded number at a time. Of equal ones the first runs and all that come
 * meanwhile share the next: to share the first would miss what was stored since it took effect.
 */
export class PurgeQueue {
  readonly #purge: (order: PurgeOrder) => Promise<PurgeAnswer>
  readonly #running = new Map<string, Promise<unknown>>()
  readonly #next = new Map<string, Promise<PurgeAnswer>>()

  constructor(purge: (order: PurgeOrder) => Promise<PurgeAnswer>) {
    this.#purge = purge
  }

  /** Rejects with a {@link PurgeProblem} of status 429 when there are too many others. */
  async run(order: PurgeOrder): Promise<PurgeAnswer> {
    const name = JSON.stringify(order)
    const waiting = this.#next.get(name)
    if (waiting !== undefined) return waiting
    const running = this.#running.get(name)
    if (running === undefined) return this.#begin(name, order)
    const next = this.#after(running, name, order)
    this.#next.set(name, next)
    return next
  }

  async #after(running: Promise<unknown>, name: string, order: PurgeOrder): Promise<PurgeAnswer> {
    // How the one before ended is told to those who wait for it.
    await running.catch(() => {})
    this.#next.delete(name)
    return this.#begin(name, order)
  }

  async #begin(name: string, order: PurgeOrder): Promise<PurgeAnswer> {
    if (this.#running.size >= MOST_AT_ONCE) throw tooManyPurges()
    const running = this.#purge(order)
    this.#running.set(name, running)
    try {
      return await running
    } finally {
      if (this.#running.get(name) === running) this.#running.delete(name)
    }
  }
}

/** The refusal of what comes on top of too many others. */
export function tooManyPurges(): PurgeProblem {
  return new PurgeProblem(429, 'Too many purges at one time')
}
