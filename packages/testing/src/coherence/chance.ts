import { SeededRandom } from '../ports/seeded-random.ts'

/** Random choices that repeat with their seed. */
export class Chance {
  readonly #random: SeededRandom

  /** Each further number gives choices of its own. */
  constructor(...seeds: readonly number[]) {
    this.#random = new SeededRandom(
      seeds.reduce(
        (mixed, seed) => Math.imul(mixed ^ seed, 0x9e3779b1) ^ (mixed >>> 15),
        0x811c9dc5,
      ),
    )
    // The first numbers of near seeds resemble each other.
    for (let turn = 0; turn < 8; turn += 1) this.#random.next()
  }

  /** Whether something of this probability happens. */
  happens(probability: number): boolean {
    return this.#random.next() < probability
  }

  between(least: number, most: number): number {
    return least + this.#random.next() * (most - least)
  }

  /** An index below `length`, the small ones more often. */
  lowIndex(length: number): number {
    return Math.floor(this.#random.next() ** 1.7 * length)
  }

  pick<T>(choices: readonly T[]): T {
    return choices[Math.floor(this.#random.next() * choices.length)] as T
  }

  /** One of the names, as often as its weight says. */
  pickWeighted<T extends string>(weights: Readonly<Record<T, number>>): T {
    const entries = Object.entries<number>(weights) as [T, number][]
    let rest = this.#random.next() * entries.reduce((sum, [, weight]) => sum + weight, 0)
    for (const [name, weight] of entries) {
      rest -= weight
      if (rest < 0) return name
    }
    return (entries.at(-1) as [T, number])[0]
  }

  shuffle<T>(items: readonly T[]): T[] {
    const keyed = items.map((item) => ({ item, at: this.#random.next() }))
    return keyed.sort((one, other) => one.at - other.at).map(({ item }) => item)
  }
}
