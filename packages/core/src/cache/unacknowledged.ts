import { isInside } from './fences.ts'
import type { Pending } from './journal.ts'

/**
 * The invalidations that are on their way to Redis. A caller here may know of one before Redis does,
 * for instance by the response to the request that made it; what it covers is not read from Redis
 * meanwhile.
 */
export class Unacknowledged {
  readonly #pending = new Set<Pending>()

  add(pending: readonly Pending[]): void {
    for (const one of pending) this.#pending.add(one)
  }

  remove(pending: readonly Pending[]): void {
    for (const one of pending) this.#pending.delete(one)
  }

  get isEmpty(): boolean {
    return this.#pending.size === 0
  }

  /** Whether what Redis has of a key may be what is being invalidated. */
  covers(path: string, key: string, tags: readonly string[]): boolean {
    if (this.#pending.size === 0) return false
    for (const one of this.#pending) if (concerns(one, path, key, tags)) return true
    return false
  }
}

function concerns(pending: Pending, path: string, key: string, tags: readonly string[]): boolean {
  if ('tag' in pending) return tags.includes(pending.tag)
  if ('key' in pending) return pending.key === key && pending.path === path
  return isInside(path, pending.path)
}
