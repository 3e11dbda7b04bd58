import { type Clock, HotpathError } from '@hotpath/core'
import { LRUCache } from 'lru-cache'
import type { SessionRef, UserRef } from '../ids/keyring.ts'
import { MemoryStore } from './memory-store.ts'
import { type Deed, redo } from './outage-journal.ts'
import type {
  Change,
  Committed,
  EndHow,
  Found,
  ListedSession,
  LiveSession,
  Move,
  NewSession,
  SessionStore,
  StoreLimits,
} from './session-store.ts'

/** More than this is not done without Redis: it could not be brought back. */
const MOST_DEEDS = 10_000

/** What an outage is lived through with. */
export interface OutageSettings {
  readonly limits: StoreLimits
  readonly maxSessions: number
  readonly graceMs: number
  readonly clock: Clock
  /** Whether Redis would be asked at all. */
  readonly isUsable: () => boolean
}

/**
 * Redis, and while that is away the sessions this process has seen lately. What is done meanwhile is
 * done again in Redis, in order, before anything is read from there: what was ended stays ended.
 */
export class OutageStore implements SessionStore {
  readonly #redis: SessionStore
  readonly #settings: OutageSettings
  readonly #copies: LRUCache<string, { session: LiveSession; seenMs: number }>
  readonly #journal: Deed[] = []
  #local: MemoryStore
  #sinceMs: number | undefined
  #returning: Promise<boolean> | undefined

  constructor(redis: SessionStore, settings: OutageSettings) {
    this.#redis = redis
    this.#settings = settings
    this.#copies = new LRUCache({ max: settings.maxSessions })
    this.#local = new MemoryStore(settings)
  }

  async load(ref: SessionRef, touch?: 'now'): Promise<Found> {
    const remote = async (): Promise<Found> => {
      const found = await this.#redis.load(ref, touch)
      const seenMs = this.#settings.clock.now()
      if (found.kind === 'live') this.#copies.set(ref.hash, { session: found.session, seenMs })
      else this.#copies.delete(ref.hash)
      return found
    }
    return await this.#either(remote, () => this.#at(ref).load(ref, touch))
  }

  async create(ref: SessionRef, session: NewSession): Promise<readonly string[]> {
    const remote = (): Promise<readonly string[]> => this.#redis.create(ref, session)
    const deed: Deed = { kind: 'create', ref, session }
    return await this.#either(remote, () => this.#local.create(ref, session), deed)
  }

  async commit(
    ref: SessionRef,
    changes: readonly Change[],
    schemaVersion: number,
  ): Promise<Committed> {
    const remote = async (): Promise<Committed> => {
      const outcome = await this.#redis.commit(ref, changes, schemaVersion)
      if (outcome.kind === 'gone') this.#copies.delete(ref.hash)
      if (outcome.kind === 'done') this.#update(ref, changes, outcome.revision)
      return outcome
    }
    const local = (): Committed => this.#at(ref).commit(ref, changes, schemaVersion)
    return await this.#either(remote, local, { kind: 'commit', ref, changes, schemaVersion })
  }

  async move(ref: SessionRef, move: Move): Promise<'done' | 'already' | 'gone'> {
    const remote = (): Promise<'done' | 'already' | 'gone'> => {
      this.#copies.delete(ref.hash)
      return this.#redis.move(ref, move)
    }
    const local = (): Promise<'done' | 'already' | 'gone'> => this.#at(ref).move(ref, move)
    return await this.#either(remote, local, { kind: 'move', ref, move })
  }

  async end(ref: SessionRef, how?: EndHow): Promise<boolean> {
    const remote = async (): Promise<boolean> => {
      const ended = await this.#redis.end(ref, how)
      if (ended) this.#copies.delete(ref.hash)
      return ended
    }
    const local = (): Promise<boolean> => this.#at(ref).end(ref, how)
    return await this.#either(remote, local, { kind: 'end', ref, how })
  }

  /** Only Redis knows them all. */
  list(user: UserRef): Promise<readonly ListedSession[]> {
    return this.#redis.list(user)
  }

  async endAll(user: UserRef, except: string | undefined): Promise<number> {
    const local = (): Promise<number> => {
      this.#adoptAllOf(user)
      return this.#local.endAll(user, except)
    }
    const remote = async (): Promise<number> => {
      const ended = await this.#redis.endAll(user, except)
      this.#forgetAllOf(user, except)
      return ended
    }
    return await this.#either(remote, local, { kind: 'endAll', user, except })
  }

  async endEveryone(): Promise<void> {
    const local = (): Promise<void> => {
      this.#copies.clear()
      return this.#local.endEveryone()
    }
    const remote = async (): Promise<void> => {
      await this.#redis.endEveryone()
      this.#copies.clear()
    }
    await this.#either(remote, local, { kind: 'endEveryone' })
  }

  async close(): Promise<void> {
    await this.#redis.close()
  }

  /** Redis is back: brings what was done meanwhile. Says whether nothing is left to bring. */
  async returned(): Promise<boolean> {
    this.#returning ??= this.#replay().finally(() => {
      this.#returning = undefined
    })
    return await this.#returning
  }

  async #either<T>(remote: () => Promise<T>, local: () => T | Promise<T>, deed?: Deed): Promise<T> {
    const isAway = this.#sinceMs !== undefined && !(await this.returned())
    if (!isAway) {
      try {
        const outcome = await remote()
        if (this.#sinceMs !== undefined && this.#journal.length === 0) this.#endOutage()
        return outcome
      } catch (error) {
        if (!isOutage(error)) throw error
        this.#sinceMs ??= this.#settings.clock.now()
        return await this.#alone(local, deed, error)
      }
    }
    return await this.#alone(local, deed, undefined)
  }

  async #alone<T>(local: () => T | Promise<T>, deed: Deed | undefined, cause: unknown): Promise<T> {
    const awayMs = this.#settings.clock.now() - (this.#sinceMs ?? 0)
    const isFull = deed !== undefined && this.#journal.length >= MOST_DEEDS
    // Rejects as the outage would have it.
    if (awayMs > this.#settings.graceMs || isFull) throw cause ?? outage()
    const outcome = await local()
    if (deed !== undefined && !isConflict(outcome)) this.#journal.push(deed)
    return outcome
  }

  async #replay(): Promise<boolean> {
    if (!this.#settings.isUsable()) return false
    try {
      for (let next = this.#journal[0]; next !== undefined; next = this.#journal[0]) {
        await redo(this.#redis, next)
        this.#journal.shift()
      }
    } catch (error) {
      if (isOutage(error)) return false
      // Redis refuses it, now and for ever: the rest must not wait behind it.
      this.#journal.shift()
      return await this.#replay()
    }
    return true
  }

  /** Redis has answered, and knows all that was done meanwhile. */
  #endOutage(): void {
    this.#sinceMs = undefined
    this.#copies.clear()
    this.#local = new MemoryStore(this.#settings)
  }

  /** The local store, with the copy of this session in it if there is one. */
  #at(ref: SessionRef): MemoryStore {
    const copy = this.#copies.get(ref.hash)
    if (copy !== undefined) {
      this.#copies.delete(ref.hash)
      const skewMs = copy.seenMs - copy.session.nowMs
      this.#local.adopt(ref.hash, copy.session, skewMs)
    }
    return this.#local
  }

  #adoptAllOf(user: UserRef): void {
    for (const [hash, { session }] of [...this.#copies.entries()]) {
      if (session.userHash === user.hash) this.#at({ shard: user.shard, hash })
    }
  }

  #forgetAllOf(user: UserRef, except: string | undefined): void {
    for (const [hash, { session }] of [...this.#copies.entries()]) {
      if (session.userHash === user.hash && hash !== except) this.#copies.delete(hash)
    }
  }

  #update(ref: SessionRef, changes: readonly Change[], revision: number): void {
    const copy = this.#copies.peek(ref.hash)
    if (copy === undefined) return
    const fields = new Map(copy.session.fields)
    for (const { key, text } of changes) {
      if (text === undefined) fields.delete(key)
      else fields.set(key, { revision, text })
    }
    this.#copies.set(ref.hash, { ...copy, session: { ...copy.session, fields } })
  }
}

function isConflict(outcome: unknown): boolean {
  return (outcome as { kind?: unknown } | undefined)?.kind === 'conflict'
}

function isOutage(error: unknown): boolean {
  const code = (error as { code?: unknown }).code
  return code === 'ERR_REDIS_UNAVAILABLE' || code === 'ERR_REDIS_TIMEOUT'
}

function outage(): Error {
  return new HotpathError(
    'ERR_REDIS_UNAVAILABLE',
    'Redis has been away for longer than outageGrace',
  )
}
