import type { BanState } from '../algorithms/ban.ts'
import { ExpiringMap } from './expiring-map.ts'

/** Refusals and bans, bounded: however many clients are refused, nobody is let off a ban by it. */
export class BanTable {
  readonly #banned: ExpiringMap<BanState>
  readonly #others: ExpiringMap<BanState>

  constructor(maxKeys: number) {
    this.#banned = new ExpiringMap(maxKeys)
    this.#others = new ExpiringMap(maxKeys)
  }

  get(key: string, nowMs: number): BanState | undefined {
    if (this.#banned.size === 0 && this.#others.size === 0) return undefined
    return this.#banned.get(key, nowMs) ?? this.#others.get(key, nowMs)
  }

  set(key: string, state: BanState, untilMs: number, nowMs: number): void {
    this.delete(key)
    const table = state[2] > nowMs ? this.#banned : this.#others
    table.set(key, state, untilMs, nowMs)
  }

  delete(key: string): void {
    this.#banned.delete(key)
    this.#others.delete(key)
  }
}
