/** Values that end at a time of their own, bounded: the oldest gives way. */
export class ExpiringMap<V> {
  readonly #maxKeys: number
  readonly #values = new Map<string, { readonly value: V; readonly untilMs: number }>()

  constructor(maxKeys: number) {
    this.#maxKeys = maxKeys
  }

  get size(): number {
    return this.#values.size
  }

  get(key: string, nowMs: number): V | undefined {
    const held = this.#values.get(key)
    if (held === undefined || held.untilMs > nowMs) return held?.value
    this.#values.delete(key)
    return undefined
  }

  set(key: string, value: V, untilMs: number, nowMs: number): void {
    this.#values.delete(key)
    if (this.#values.size >= this.#maxKeys) this.#makeRoom(nowMs)
    this.#values.set(key, { value, untilMs })
  }

  delete(key: string): void {
    this.#values.delete(key)
  }

  /** Drops the oldest, and the one after it too if its time is over. */
  #makeRoom(nowMs: number): void {
    const [oldest, next] = this.#values
    if (oldest !== undefined) this.#values.delete(oldest[0])
    if (next !== undefined && next[1].untilMs <= nowMs) this.#values.delete(next[0])
  }
}
