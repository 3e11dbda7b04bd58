type Listener<T> = (detail: T) => void

/**
 * Typed events. A listener that throws does so on its own, in a later tick: it can never break what
 * it listens to.
 */
export class Events<Map> {
  readonly #listeners = new globalThis.Map<keyof Map, Set<Listener<never>>>()
  /** Nobody listens to anything: a hot path asks this first, for it costs nothing. */
  isSilent = true

  /** Calls `listener` for each `event` from now on; returns what stops it. */
  on<E extends keyof Map>(event: E, listener: Listener<Map[E]>): () => void {
    const listeners = this.#listeners.get(event) ?? new Set()
    this.#listeners.set(event, listeners)
    listeners.add(listener as Listener<never>)
    this.isSilent = false
    return () => {
      listeners.delete(listener as Listener<never>)
      if (listeners.size === 0) this.#listeners.delete(event)
      this.isSilent = this.#listeners.size === 0
    }
  }

  /** Whether anybody listens, so that a hot path need not build a detail for nobody. */
  has(event: keyof Map): boolean {
    return this.#listeners.has(event)
  }

  emit<E extends keyof Map>(event: E, detail: Map[E]): void {
    const listeners = this.#listeners.get(event)
    if (listeners === undefined) return
    for (const listener of [...listeners] as Listener<Map[E]>[]) {
      try {
        listener(detail)
      } catch (error) {
        queueMicrotask(() => {
          throw error
        })
      }
    }
  }
}
