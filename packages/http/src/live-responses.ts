import type { BodyBuffer } from './recording/body-buffer.ts'
import { LiveResponse } from './recording/live-response.ts'
import type { StoredResponse } from './storing/stored-response.ts'

/** What an {@link Announced} response is made from. */
export interface Announcement {
  readonly body: BodyBuffer
  /** Makes its head, which has no body yet. */
  readonly makeHead: () => StoredResponse
  readonly load: { readonly isOvertaken: boolean }
  readonly headMs: number
  readonly ttlMs: number
  /** Called before somebody else than its own client is sent it. */
  readonly shared: () => void
}

/**
 * A response that is being recorded and, as its head says, will be kept. Mostly nobody follows it,
 * so what only followers need is made for the first of them.
 */
export class Announced {
  readonly load: Announcement['load']
  readonly headMs: number
  readonly ttlMs: number
  readonly #announcement: Announcement
  #head: StoredResponse | undefined
  #live: LiveResponse | undefined

  constructor(announcement: Announcement) {
    this.#announcement = announcement
    this.load = announcement.load
    this.headMs = announcement.headMs
    this.ttlMs = announcement.ttlMs
  }

  get head(): StoredResponse {
    this.#head ??= this.#announcement.makeHead()
    return this.#head
  }

  /** Those who are sent it; `undefined` while there has been nobody. */
  get live(): LiveResponse | undefined {
    return this.#live
  }

  /** Where one more can be sent it, from its beginning. */
  share(): LiveResponse {
    this.#announcement.shared()
    this.#live ??= new LiveResponse(this.#announcement.body)
    return this.#live
  }
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
