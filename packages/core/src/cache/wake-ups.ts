import type { Clock } from '../base/clock.ts'

/**
 * Those who wait for another process to store or to give up a key. They look again after a while,
 * and at once when something is heard of the key.
 */
export class WakeUps {
  readonly #clock: Clock
  readonly #sleeping = new Map<string, Set<() => void>>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** How many keys somebody waits for. */
  get size(): number {
    return this.#sleeping.size
  }

  sleep(id: string, longestMs: number): Promise<void> {
    return new Promise((resolve) => {
      const sleeping = this.#sleeping.get(id) ?? new Set()
      this.#sleeping.set(id, sleeping)
      const wake = (): void => {
        timer.cancel()
        sleeping.delete(wake)
        if (sleeping.size === 0 && this.#sleeping.get(id) === sleeping) this.#sleeping.delete(id)
        resolve()
      }
      const timer = this.#clock.schedule(longestMs, wake)
      sleeping.add(wake)
    })
  }

  wake(id: string): void {
    if (this.#sleeping.size === 0) return
    for (const wake of [...(this.#sleeping.get(id) ?? [])]) wake()
  }
}
