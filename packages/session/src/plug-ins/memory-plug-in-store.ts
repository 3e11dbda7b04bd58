import type { Clock } from '@hotpath/core'
import { LRUCache } from 'lru-cache'
import type { PlugInStore, StoredText } from './plug-in-store.ts'

interface Kept {
  readonly text: StoredText
  readonly expiresMs: number
}

/** Sessions in this process, bounded, the least recently used leaving first. */
export class MemoryPlugInStore implements PlugInStore {
  readonly #kept: LRUCache<string, Kept>
  readonly #clock: Clock

  constructor(maxSessions: number, clock: Clock) {
    this.#kept = new LRUCache({ maxSize: maxSessions, sizeCalculation: () => 1 })
    this.#clock = clock
  }

  async get(sid: string): Promise<StoredText | undefined> {
    return this.#at(sid)?.text
  }

  async set(sid: string, text: StoredText, ttlMs: number): Promise<void> {
    this.#kept.set(sid, { text, expiresMs: this.#clock.now() + ttlMs })
  }

  async touch(sid: string, cookie: string | undefined, ttlMs: number): Promise<void> {
    const kept = this.#at(sid)
    if (kept === undefined) return
    await this.set(sid, { ...kept.text, cookie: cookie ?? kept.text.cookie }, ttlMs)
  }

  async destroy(sid: string): Promise<void> {
    this.#kept.delete(sid)
  }

  async ids(): Promise<string[]> {
    return [...this.#kept.keys()].filter((sid) => this.#at(sid) !== undefined)
  }

  async clear(): Promise<void> {
    this.#kept.clear()
  }

  onState(): void {}

  async close(): Promise<void> {}

  #at(sid: string): Kept | undefined {
    const kept = this.#kept.get(sid)
    if (kept === undefined || kept.expiresMs > this.#clock.now()) return kept
    this.#kept.delete(sid)
    return undefined
  }
}
