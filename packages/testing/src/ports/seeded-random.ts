/**
 * Randomness that repeats: the same seed gives the same numbers and tokens; fits the `Random` port.
 *
 * The generator is mulberry32. Its tokens are distinct enough for tests and worthless as secrets.
 *
 * @example
 * const cache = createCache({ random: new SeededRandom(42) })
 */
export class SeededRandom {
  #state: number

  constructor(seed = 1) {
    this.#state = seed >>> 0
  }

  /** A number in [0, 1). */
  next(): number {
    return this.#nextUint32() / 2 ** 32
  }

  /** `bytes` bytes as hexadecimal digits. */
  token(bytes: number): string {
    let digits = ''
    while (digits.length < bytes * 2) digits += this.#nextUint32().toString(16).padStart(8, '0')
    return digits.slice(0, bytes * 2)
  }

  #nextUint32(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = this.#state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
}
