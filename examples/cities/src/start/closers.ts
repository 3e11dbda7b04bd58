type Close = () => unknown

/** What has been opened so far, closed in reverse. */
export class Closers {
  readonly #closers: Close[] = []
  #closing: Promise<void> | undefined

  add(close: Close): void {
    this.#closers.push(close)
  }

  /** Closes everything even where one step fails, and then throws that failure. Further calls wait for the first. */
  close(): Promise<void> {
    this.#closing ??= this.#closeAll()
    return this.#closing
  }

  async #closeAll(): Promise<void> {
    const failures: unknown[] = []
    for (const close of this.#closers.reverse()) {
      try {
        await close()
      } catch (error) {
        failures.push(error)
      }
    }
    if (failures.length > 0) throw failures[0]
  }
}
