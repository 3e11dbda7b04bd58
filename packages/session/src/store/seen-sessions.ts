import type { Clock } from '@hotpath/core'
import { LRUCache } from 'lru-cache'
import type { SessionRef, UserRef } from '../ids/keyring.ts'
import type { Change, LiveSession, Move } from './session-store.ts'

/** A session as Redis had it, and when that was by this process's clock. */
export interface Copy {
  readonly session: LiveSession
  readonly seenMs: number
}

/**
 * The sessions that this process has seen lately, the least recently used leaving first: a copy of each,
 * or, once it has ended or is looked after elsewhere, that there is no more to be known of it.
 */
export class SeenSessions {
  readonly #copies: LRUCache<string, Copy | 'known'>
  readonly #clock: Clock

  constructor(max: number, clock: Clock) {
    this.#copies = new LRUCache({ max })
    this.#clock = clock
  }

  has(hash: string): boolean {
    return this.#copies.has(hash)
  }

  copyOf(hash: string): Copy | undefined {
    const copy = this.#copies.get(hash)
    return copy === 'known' ? undefined : copy
  }

  see(hash: string, session: LiveSession): void {
    this.#copies.set(hash, { session, seenMs: this.#clock.now() })
  }

  /** There is no session, or none but elsewhere. */
  settle(hash: string): void {
    this.#copies.set(hash, 'known')
  }

  forget(hash: string): void {
    this.#copies.delete(hash)
  }

  clear(): void {
    this.#copies.clear()
  }

  hashesOf(user: UserRef): string[] {
    const isTheirs = ([, copy]: [string, Copy | 'known']): boolean =>
      copy !== 'known' && copy.session.userHash === user.hash
    return [...this.#copies.entries()].filter(isTheirs).map(([hash]) => hash)
  }

  update(hash: string, changes: readonly Change[], revision: number): void {
    const copy = this.copyOf(hash)
    if (copy === undefined) return
    const fields = new Map(copy.session.fields)
    for (const { key, text } of changes) {
      if (text === undefined) fields.delete(key)
      else fields.set(key, { revision, text })
    }
    this.#copies.set(hash, { ...copy, session: { ...copy.session, fields } })
  }

  /** A session has another id: so has its copy. */
  move(from: SessionRef, { to, sealed, keep }: Move): void {
    const copy = this.copyOf(from.hash)
    // Where a renewed id leads to only the store can tell.
    if (sealed === undefined) this.settle(from.hash)
    else this.forget(from.hash)
    if (copy === undefined) return
    const { session } = copy
    const kept = [...session.fields].filter(([key]) => keep === undefined || keep.includes(key))
    const moved = { ...session, renewedMs: session.nowMs, fields: new Map(kept) }
    this.#copies.set(to.hash, { ...copy, session: moved })
  }
}
