import type { LiveResponse } from './recording/live-response.ts'
import type { StoredResponse } from './storing/stored-response.ts'

/** A response that is being recorded and, as its head says, will be kept. */
export interface Announced {
  readonly live: LiveResponse
  /** Its head; it has no body yet. */
  readonly head: StoredResponse
  readonly load: { readonly isOvertaken: boolean }
  readonly headMs: number
  readonly ttlMs: number
  /** Called before somebody else than its own client is sent it. */
  shared(): void
}

type Listener = (announced: Announced) => void

interface Slot {
  announced: Announced | undefined
  readonly listeners: Set<Listener>
}

/** The responses that are being recorded in this process, for those who wait for them. */
export class LiveResponses {
  readonly #slots = new Map<string, Slot>()

  get(key: string): Announced | undefined {
    return this.#slots.get(key)?.announced
  }

  /** Calls back when a response for `key` has begun; gives what ends that. */
  listen(key: string, listener: Listener): () => void {
    const slot = this.#slotOf(key)
    slot.listeners.add(listener)
    return () => {
      slot.listeners.delete(listener)
      this.#tidy(key, slot)
    }
  }

  announce(key: string, announced: Announced): void {
    const slot = this.#slotOf(key)
    slot.announced = announced
    for (const listener of slot.listeners) listener(announced)
  }

  /** It has come to its end, or will not be kept after all. */
  withdraw(key: string, announced: Announced): void {
    const slot = this.#slots.get(key)
    if (slot?.announced !== announced) return
    slot.announced = undefined
    this.#tidy(key, slot)
  }

  #slotOf(key: string): Slot {
    const found = this.#slots.get(key)
    if (found !== undefined) return found
    const slot = { announced: undefined, listeners: new Set<Listener>() }
    this.#slots.set(key, slot)
    return slot
  }

  #tidy(key: string, slot: Slot): void {
    const isEmpty = slot.announced === undefined && slot.listeners.size === 0
    if (isEmpty && this.#slots.get(key) === slot) this.#slots.delete(key)
  }
}
