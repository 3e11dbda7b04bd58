/** Lets one holder at a time through, in the order in which they asked. */
export class Turns<Holder> {
  #holder: Holder | undefined
  readonly #queue: { holder: Holder; begin: () => void }[] = []

  /** Resolves when it is `holder`'s turn, at once when it already is. */
  async take(holder: Holder): Promise<void> {
    if (this.#holder === holder) return
    if (this.#holder === undefined) {
      this.#holder = holder
      return
    }
    await new Promise<void>((begin) => this.#queue.push({ holder, begin }))
  }

  /** Ends the turn of `holder`, if it is its turn. */
  give(holder: Holder): void {
    if (this.#holder !== holder) return
    const next = this.#queue.shift()
    this.#holder = next?.holder
    next?.begin()
  }

  has(holder: Holder): boolean {
    return this.#holder === holder
  }
}
