import type { Random } from '../base/random.ts'

const FAILURES_TO_OPEN = 3
const FIRST_PROBE_MS = 100
const LONGEST_PROBE_MS = 1_000

/**
 * Decides when to stop asking Redis and how often to try again. It does nothing by itself: the link
 * reports what happened and asks.
 *
 * The pattern is Nygard's (Release It!, 2007): closed, open, and half-open with a single probe.
 */
export class CircuitBreaker {
  readonly #random: Random
  #failures = 0
  #probes = 0
  #isOpen = false

  constructor(random: Random) {
    this.#random = random
  }

  get isOpen(): boolean {
    return this.#isOpen
  }

  /** A command or a probe was answered. */
  succeeded(): void {
    this.#failures = 0
    this.#probes = 0
    this.#isOpen = false
  }

  /** A command was not answered. Opens after a few in a row; says whether it has just done so. */
  failed(): boolean {
    this.#failures += 1
    return this.#failures >= FAILURES_TO_OPEN && this.trip()
  }

  /** The connection is known to be gone: opens at once; says whether it was closed until now. */
  trip(): boolean {
    const wasClosed = !this.#isOpen
    this.#isOpen = true
    return wasClosed
  }

  /** How long to wait before the next probe: doubling, with jitter so that processes spread out. */
  nextProbeMs(): number {
    const ceilingMs = Math.min(FIRST_PROBE_MS * 2 ** this.#probes, LONGEST_PROBE_MS)
    this.#probes += 1
    return ceilingMs * (0.5 + this.#random.next() / 2)
  }
}
