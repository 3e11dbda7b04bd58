/** What a {@link Clock} gives back for a timer: something to cancel it with. */
export interface Timer {
  cancel(): void
}

/**
 * The port through which everything here tells and waits for time.
 *
 * Tests pass a fake one; everybody else leaves the default, {@link systemClock}.
 */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Runs `callback` once after `delayMs`. A timer never keeps the process alive. */
  schedule(delayMs: number, callback: () => void): Timer
}

/** `setTimeout` fires at once beyond this, so longer waits go in steps. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

class SystemTimer implements Timer {
  #handle: NodeJS.Timeout | undefined
  #remainingMs: number
  readonly #callback: () => void

  constructor(delayMs: number, callback: () => void) {
    this.#remainingMs = delayMs
    this.#callback = callback
    this.#step()
  }

  cancel(): void {
    clearTimeout(this.#handle)
  }

  #step(): void {
    const stepMs = Math.min(this.#remainingMs, LONGEST_TIMER_MS)
    this.#remainingMs -= stepMs
    this.#handle = setTimeout(() => {
      if (this.#remainingMs > 0) this.#step()
      else this.#callback()
    }, stepMs)
    this.#handle.unref()
  }
}

/** The machine's own clock and timers. */
export const systemClock: Clock = {
  now: Date.now,
  schedule: (delayMs, callback) => new SystemTimer(delayMs, callback),
}
