import type { Clock, Timer } from './clock.ts'

/** Something under way that must end in time. */
export interface Deadline {
  /** It ended; its deadline no longer matters. */
  settle(): void
}

interface Waiting extends Deadline {
  readonly dueMs: number
  readonly onPassed: () => void
  previous: Waiting | undefined
  next: Waiting | undefined
  isSettled: boolean
}

/**
 * Deadlines that are all equally far off, so that the oldest is always the next one due: one timer
 * serves any number of them, and each costs a list node.
 */
export class DeadlineQueue {
  readonly #clock: Clock
  readonly #timeoutMs: number
  #oldest: Waiting | undefined
  #newest: Waiting | undefined
  #timer: Timer | undefined

  constructor(clock: Clock, timeoutMs: number) {
    this.#clock = clock
    this.#timeoutMs = timeoutMs
  }

  /** Calls `onPassed` unless the deadline that it returns is settled in time. */
  start(onPassed: () => void): Deadline {
    const waiting: Waiting = {
      dueMs: this.#clock.now() + this.#timeoutMs,
      onPassed,
      previous: this.#newest,
      next: undefined,
      isSettled: false,
      settle: () => this.#remove(waiting),
    }
    if (this.#newest === undefined) this.#oldest = waiting
    else this.#newest.next = waiting
    this.#newest = waiting
    this.#timer ??= this.#clock.schedule(this.#timeoutMs, () => this.#expire())
    return waiting
  }

  #remove(waiting: Waiting): void {
    if (waiting.isSettled) return
    waiting.isSettled = true
    if (waiting.previous === undefined) this.#oldest = waiting.next
    else waiting.previous.next = waiting.next
    if (waiting.next === undefined) this.#newest = waiting.previous
    else waiting.next.previous = waiting.previous
  }

  #expire(): void {
    this.#timer = undefined
    const nowMs = this.#clock.now()
    while (this.#oldest !== undefined && this.#isDue(this.#oldest, nowMs)) {
      const passed = this.#oldest
      this.#remove(passed)
      passed.onPassed()
    }
    if (this.#oldest === undefined || this.#timer !== undefined) return
    this.#timer = this.#clock.schedule(this.#oldest.dueMs - nowMs, () => this.#expire())
  }

  /** Farther off than any can be, it is due as well: the wall clock was set back meanwhile. */
  #isDue({ dueMs }: Waiting, nowMs: number): boolean {
    return dueMs <= nowMs || dueMs > nowMs + this.#timeoutMs
  }
}
