/** A load that is about to call its loader. */
export interface LoadInfo {
  /** More than one for a bulk load. */
  readonly keys: readonly string[]
  /** A stale value was served, and this refreshes it. */
  readonly isBackground: boolean
}

/** Runs a load, and gives or throws what it does. */
export type AroundLoad = <T>(info: LoadInfo, load: () => T | Promise<T>) => T | Promise<T>

/**
 * What is to be done around each call of a loader, so that a trace can take in what the loader does.
 * An event that comes when all is over could not.
 */
export class LoadHooks {
  #hooks: readonly AroundLoad[] = []

  add(around: AroundLoad): () => void {
    // One of its own, for the same function may be added twice.
    const hook: AroundLoad = (info, load) => around(info, load)
    this.#hooks = [...this.#hooks, hook]
    return () => {
      this.#hooks = this.#hooks.filter((other) => other !== hook)
    }
  }

  get isEmpty(): boolean {
    return this.#hooks.length === 0
  }

  run<T>(info: LoadInfo, load: () => T | Promise<T>): T | Promise<T> {
    const all = this.#hooks.reduce((inner, around) => () => around(info, inner), load)
    return all()
  }
}
