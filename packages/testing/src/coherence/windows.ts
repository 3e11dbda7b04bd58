import type { Span } from './history.ts'

/** Stretches of time, in order and apart from each other. */
export class Windows {
  readonly #spans: Span[] = []

  constructor(spans: readonly Span[]) {
    for (const span of [...spans].sort((one, other) => one.begin - other.begin)) {
      const last = this.#spans.at(-1)
      if (last === undefined || span.begin > last.end) this.#spans.push({ ...span })
      else this.#spans[this.#spans.length - 1] = { ...last, end: Math.max(last.end, span.end) }
    }
  }

  /** Whether any of them reaches into [`from`, `to`]. */
  overlaps(from: number, to: number): boolean {
    const span = this.#spans[this.#lastBegunBy(to)]
    return span !== undefined && span.end >= from
  }

  /** How much of [`from`, `to`] lies in none of them. */
  outside(from: number, to: number): number {
    let inside = 0
    for (let index = this.#lastBegunBy(to); index >= 0; index -= 1) {
      const { begin, end } = this.#spans[index] as Span
      if (end <= from) break
      inside += Math.min(end, to) - Math.max(begin, from)
    }
    return to - from - inside
  }

  /** When the last of them that had begun by `at` ended; `-Infinity` if there was none. */
  lastEnd(at: number): number {
    return this.#spans[this.#lastBegunBy(at)]?.end ?? Number.NEGATIVE_INFINITY
  }

  #lastBegunBy(at: number): number {
    let low = 0
    let high = this.#spans.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#spans[middle] as Span).begin <= at) low = middle + 1
      else high = middle
    }
    return low - 1
  }
}
