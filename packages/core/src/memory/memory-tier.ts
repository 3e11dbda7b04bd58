import { LRUCache } from 'lru-cache'

/** What the tier needs to know of an entry. */
export interface Sized {
  readonly bytes: number
}

/** Bounds of the memory tier. */
export interface MemoryBounds {
  maxEntries: number
  maxBytes: number
}

/** What the entry itself, its key and its place in the list take, roughly. */
const OVERHEAD_BYTES = 200

/**
 * Entries in process memory, the least recently used leaving first, bounded in count and in bytes.
 * It knows nothing of time: freshness is the reader's question.
 */
export class MemoryTier<E extends Sized> {
  readonly #entries: LRUCache<string, E>
  evictions = 0

  constructor({ maxEntries, maxBytes }: MemoryBounds) {
    this.#entries = new LRUCache({
      max: maxEntries,
      maxSize: maxBytes,
      sizeCalculation: (entry, key) => entry.bytes + key.length * 2 + OVERHEAD_BYTES,
      dispose: (_entry, _key, reason) => {
        if (reason === 'evict') this.evictions += 1
      },
    })
  }

  get(key: string): E | undefined {
    return this.#entries.get(key)
  }

  /** The same, but it does not count as use. */
  peek(key: string): E | undefined {
    return this.#entries.peek(key)
  }

  /** Keeps an entry, unless it alone is larger than the whole tier may be. */
  set(key: string, entry: E): void {
    this.#entries.set(key, entry)
  }

  delete(key: string): void {
    this.#entries.delete(key)
  }

  clear(): void {
    this.#entries.clear()
  }

  get size(): number {
    return this.#entries.size
  }

  get bytes(): number {
    return this.#entries.calculatedSize
  }
}
