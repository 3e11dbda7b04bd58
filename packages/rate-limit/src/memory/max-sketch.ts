const ROWS = 4
const WIDTH = 2 ** 16

/**
 * Remembers roughly how much each of any number of keys has used, in fixed memory (2 MiB): never
 * less than it was told of a key, and more only where all four of its cells are shared.
 *
 * Each cell keeps the largest figure told of any of its keys, as a count-min sketch (Cormode and
 * Muthukrishnan, 2005) keeps their sum: what is told is a key's whole use, not an increment, so that
 * a flood of keys used once leaves ones behind, however many they are. Two generations take turns:
 * a figure is remembered for one to two periods.
 */
export class MaxSketch {
  readonly #periodMs: number
  #current: Uint32Array = new Uint32Array(ROWS * WIDTH)
  #previous: Uint32Array = new Uint32Array(ROWS * WIDTH)
  #turnMs: number
  readonly #seed: number

  /** `seed`: any number from 0 to 1, unknown to clients, who could else share cells with whom they choose. */
  constructor(periodMs: number, nowMs: number, seed: number) {
    this.#periodMs = periodMs
    this.#seed = Math.floor(seed * 2 ** 32)
    this.#turnMs = nowMs + periodMs
  }

  tell(key: string, used: number, nowMs: number): void {
    this.#turn(nowMs)
    for (const cell of cellsOf(key, this.#seed)) {
      this.#current[cell] = Math.max(this.#current[cell] as number, Math.min(used, 2 ** 32 - 1))
    }
  }

  estimate(key: string, nowMs: number): number {
    this.#turn(nowMs)
    let least = Number.POSITIVE_INFINITY
    for (const cell of cellsOf(key, this.#seed)) {
      const most = Math.max(this.#current[cell] as number, this.#previous[cell] as number)
      least = Math.min(least, most)
    }
    return least
  }

  #turn(nowMs: number): void {
    if (nowMs < this.#turnMs) return
    const isLongAgo = nowMs >= this.#turnMs + this.#periodMs
    const emptied = this.#previous.fill(0)
    this.#previous = isLongAgo ? this.#current.fill(0) : this.#current
    this.#current = emptied
    this.#turnMs = nowMs + this.#periodMs
  }
}

/** One cell in each row, by double hashing. */
function cellsOf(key: string, seed: number): number[] {
  const first = fnv1a(key, seed ^ 0x811c9dc5)
  const second = fnv1a(key, seed ^ 0x9e3779b9) | 1
  return Array.from({ length: ROWS }, (_, row) => {
    const mixed = (first + Math.imul(row, second)) >>> 0
    return row * WIDTH + ((mixed ^ (mixed >>> 16)) & (WIDTH - 1))
  })
}

function fnv1a(text: string, seed: number): number {
  let hash = seed
  for (let at = 0; at < text.length; at += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  }
  return hash >>> 0
}
