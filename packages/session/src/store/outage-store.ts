import { type Clock, HotpathError } from '@hotpath/core'
import type { SessionRef, UserRef } from '../ids/keyring.ts'
import { begun } from './memory-places.ts'
import { MemoryStore } from './memory-store.ts'
import { type Deed, redo } from './outage-journal.ts'
import { SeenSessions } from './seen-sessions.ts'
import type {
  Change,
  Committed,
  EndHow,
  Found,
  ListedSession,
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
 * done again in Redis, in order, before anything is read from there: what was ended stays ended. Of what
 * was never seen nothing is said: to call it gone would cost its user the session.
 */
export class OutageStore implements SessionStore {
  readonly #redis: SessionStore
  readonly #settings: OutageSettings
  readonly #seen: SeenSessions
  readonly #journal: Deed[] = []
  #local: MemoryStore
  #sinceMs: number | undefined
  #returning: Promise<boolean> | undefined

  constructor(redis: SessionStore, settings: OutageSettings) {
    this.#redis = redis
    this.#settings = settings
    this.#seen = new SeenSessions(settings.maxSessions, settings.clock)
    this.#local = new MemoryStore(settings)
  }

  async load(ref: SessionRef, touch?: 'now'): Promise<Found> {
    const remote = async (): Promise<Found> => {
      const found = await this.#redis.load(ref, touch)
      if (found.kind === 'live') this.#seen.see(ref.hash, found.session)
      else if (found.kind === 'renewed') this.#seen.forget(ref.hash)
      else this.#seen.settle(ref.hash)
      if (found.kind === 'stolen') this.#seen.settle(found.hash)
      return found
    }
    return await this.#either(remote, () => this.#at(ref).load(ref, touch))
  }

  async create(ref: SessionRef, session: NewSession): Promise<readonly string[]> {
    const { clock, limits } = this.#settings
    const remote = async (): Promise<readonly string[]> => {
      const evicted = await this.#redis.create(ref, session)
      for (const hash of evicted) this.#seen.settle(hash)
      this.#seen.see(ref.hash, begun(session, clock.now(), limits))
      return evicted
    }
    const local = (): Promise<readonly string[]> => {
      this.#seen.settle(ref.hash)
      return this.#local.create(ref, session)
    }
    return await this.#either(remote, local, { kind: 'create', ref, session })
  }

  async commit(
    ref: SessionRef,
    changes: readonly Change[],
    schemaVersion: number,
  ): Promise<Committed> {
    const remote = async (): Promise<Committed> => {
      const outcome = await this.#redis.commit(ref, changes, schemaVersion)
      if (outcome.kind === 'gone') this.#seen.settle(ref.hash)
      if (outcome.kind === 'done') this.#seen.update(ref.hash, changes, outcome.revision)
      return outcome
    }
    const local = (): Committed => this.#at(ref).commit(ref, changes, schemaVersion)
    return await this.#either(remote, local, { kind: 'commit', ref, changes, schemaVersion })
  }

  async move(ref: SessionRef, move: Move): Promise<'done' | 'already' | 'gone'> {
    const remote = async (): Promise<'done' | 'already' | 'gone'> => {
      const outcome = await this.#redis.move(ref, move)
      if (outcome === 'done') this.#seen.move(ref, move)
      return outcome
    }
    const local = (): Promise<'done' | 'already' | 'gone'> => {
      const store = this.#at(ref)
      this.#seen.settle(move.to.hash)
      return store.move(ref, move)
    }
    return await this.#either(remote, local, { kind: 'move', ref, move })
  }

  async end(ref: SessionRef, how?: EndHow): Promise<string | undefined> {
    const remote = async (): Promise<string | undefined> => {
      const ended = await this.#redis.end(ref, how)
      if (ended !== undefined) {
        this.#seen.settle(ref.hash)
        this.#seen.settle(ended)
      }
      return ended
    }
    const local = (): Promise<string | undefined> => {
      this.#adopt(ref.hash)
      return this.#local.end(ref, how)
    }
    return await this.#either(remote, local, { kind: 'end', ref, how })
  }

  /** Only Redis knows them all. */
  list(user: UserRef): Promise<readonly ListedSession[]> {
    return this.#redis.list(user)
  }

  async endAll(user: UserRef, except: string | undefined): Promise<number> {
    const local = (): Promise<number> => {
      for (const hash of this.#seen.hashesOf(user)) this.#adopt(hash)
      return this.#local.endAll(user, except)
    }
    const remote = async (): Promise<number> => {
      const ended = await this.#redis.endAll(user, except)
      for (const hash of this.#seen.hashesOf(user)) {
        if (hash !== except) this.#seen.settle(hash)
      }
      return ended
    }
    return await this.#either(remote, local, { kind: 'endAll', user, except })
  }

  async endEveryone(): Promise<void> {
    const local = (): Promise<void> => {
      this.#seen.clear()
      return this.#local.endEveryone()
    }
    const remote = async (): Promise<void> => {
      await this.#redis.endEveryone()
      this.#seen.clear()
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
    if (awayMs > this.#settings.graceMs || isFull)
      throw cause ?? outage('Redis has been away for too long')
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
    this.#seen.clear()
    this.#local = new MemoryStore(this.#settings)
  }

  /** The local store, for a session of which it knows. */
  #at({ hash }: SessionRef): MemoryStore {
    this.#adopt(hash)
    if (!this.#seen.has(hash)) throw outage('This process has not seen the session')
    return this.#local
  }

  /** Moves the copy of a session, if there is one, to the local store. */
  #adopt(hash: string): void {
    const copy = this.#seen.copyOf(hash)
    if (copy === undefined) return
    this.#seen.settle(hash)
    this.#local.adopt(hash, copy.session, copy.seenMs - copy.session.nowMs)
  }
}

function isConflict(outcome: unknown): boolean {
  return (outcome as { kind?: unknown } | undefined)?.kind === 'conflict'
}

function isOutage(error: unknown): boolean {
  const code = (error as { code?: unknown }).code
  return code === 'ERR_REDIS_UNAVAILABLE' || code === 'ERR_REDIS_TIMEOUT'
}

function outage(message: string): Error {
  return new HotpathError('ERR_REDIS_UNAVAILABLE', message)
}
