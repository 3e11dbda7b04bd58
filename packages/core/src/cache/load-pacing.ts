import { AsyncLocalStorage } from 'node:async_hooks'
import type { Clock, Timer } from '../base/clock.ts'

/** How long after Redis has come back loads are held to their number. */
const PERIOD_MS = 10_000

/**
 * Spares the source when Redis comes back and has forgotten everything: for a while only so many
 * loads run at once in this process, and the others wait for their turn.
 *
 * A load that another load waits for is not held back, for the two would wait for each other.
 */
export class LoadPacing {
  readonly #clock: Clock
  readonly #mostAtOnce: number
  readonly #running = new AsyncLocalStorage<true>()
  #isPacing = false
  #free = 0
  #queue: (() => void)[] = []
  #timer: Timer | undefined

  constructor(clock: Clock, mostAtOnce: number) {
    this.#clock = clock
    this.#mostAtOnce = mostAtOnce
  }

  get waiting(): number {
    return this.#queue.length
  }

  /** Redis has come back. */
  begin(): void {
    if (this.#isPacing) return
    this.#isPacing = true
    this.#free = this.#mostAtOnce
    this.#timer = this.#clock.schedule(PERIOD_MS, () => this.end())
  }

  /** Lets everything go ahead. */
  end(): void {
    this.#isPacing = false
    this.#timer?.cancel()
    const queue = this.#queue
    this.#queue = []
    for (const proceed of queue) proceed()
    // While in use it costs every promise of the process something.
    this.#running.disable()
  }

  /** Runs a load: at once, or when it is its turn. */
  run<T>(load: () => T | Promise<T>): T | Promise<T> {
    if (!this.#isPacing || this.#running.getStore()) return load()
    return this.#runInTurn(load)
  }

  async #runInTurn<T>(load: () => T | Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free -= 1
    else await new Promise<void>((resolve) => this.#queue.push(resolve))
    try {
      return await this.#running.run(true, load)
    } finally {
      const next = this.#queue.shift()
      if (next === undefined) this.#free += 1
      else next()
    }
  }
}
