import type { Clock } from '@hotpath/core'
import { LRUCache } from 'lru-cache'
import type { SessionRef, UserRef } from '../ids/keyring.ts'
import { adopted, begun, type Kept, type Place, type Renewed, snapshot } from './memory-places.ts'
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

/** Sessions in this process: bounded, the least recently used leaving first, the same to its users as Redis. */
export class MemoryStore implements SessionStore {
  readonly #places: LRUCache<string, Place>
  readonly #users = new Map<string, Map<string, number>>()
  readonly #limits: StoreLimits
  readonly #clock: Clock

  constructor(settings: { limits: StoreLimits; maxSessions: number; clock: Clock }) {
    this.#limits = settings.limits
    this.#clock = settings.clock
    this.#places = new LRUCache({
      maxSize: settings.maxSessions,
      sizeCalculation: () => 1,
      dispose: (place, hash, reason) => {
        if (reason !== 'set') this.#unlist(hash, place)
      },
    })
  }

  load({ hash }: SessionRef, touch?: 'now'): Found {
    const nowMs = this.#clock.now()
    const place = this.#at(hash)
    if (place === undefined) return { kind: 'gone', because: 'missing' }
    if (place.kind === 'ended') return { kind: 'gone', because: place.because }
    if (place.kind === 'renewed') {
      if (nowMs <= place.untilMs) return { kind: 'renewed', sealed: place.sealed }
      const last = this.#find(hash, false)
      if (last === undefined) return { kind: 'gone', because: 'ended' }
      this.#bury(last.hash, last.kept)
      return { kind: 'stolen', hash: last.hash }
    }
    const session = snapshot(place, nowMs)
    if (touch === 'now' || nowMs - place.touchedMs >= this.#limits.touchMs) this.#refresh(place)
    return { kind: 'live', session }
  }

  async create({ hash }: SessionRef, session: NewSession): Promise<readonly string[]> {
    if (this.#at(hash) !== undefined) throw new Error('EXISTS a session of that id')
    const evicted = session.user === undefined ? [] : this.#evict(session.user)
    const live = begun(session, this.#clock.now(), this.#limits)
    this.#keep(hash, adopted(live, 0, this.#limits.idleMs))
    return evicted
  }

  /** Takes a session as another store has it; `skewMs` is this clock's lead over that store's. */
  adopt(hash: string, session: LiveSession, skewMs: number): void {
    if (this.#at(hash) !== undefined) return
    this.#keep(hash, adopted(session, skewMs, this.#limits.idleMs))
  }

  commit({ hash }: SessionRef, changes: readonly Change[], schemaVersion: number): Committed {
    const found = this.#find(hash, true)
    if (found === undefined) {
      const place = this.#at(hash)
      if (place === undefined) return { kind: 'gone', because: 'missing' }
      return { kind: 'gone', because: place.kind === 'ended' ? place.because : 'ended' }
    }
    const { kept } = found
    const conflicts = changes.filter(
      ({ key, expected }) =>
        expected !== undefined && (kept.fields.get(key)?.revision ?? 0) !== expected,
    )
    if (conflicts.length > 0) {
      return {
        kind: 'conflict',
        current: new Map(conflicts.map(({ key }) => [key, kept.fields.get(key)])),
      }
    }
    kept.revision += 1
    kept.schemaVersion = schemaVersion
    const fields = new Map(kept.fields)
    for (const { key, text } of changes) {
      if (text === undefined) fields.delete(key)
      else fields.set(key, { revision: kept.revision, text })
    }
    kept.fields = fields
    if (this.#clock.now() - kept.touchedMs >= this.#limits.touchMs) this.#refresh(kept)
    return { kind: 'done', revision: kept.revision }
  }

  async move(
    { hash }: SessionRef,
    { to, sealed, keep }: Move,
  ): Promise<'done' | 'already' | 'gone'> {
    const found = this.#find(hash, true)
    if (found === undefined) return 'gone'
    if (found.hash !== hash && sealed !== undefined) return 'already'
    const { kept } = found
    const nowMs = this.#clock.now()
    if (keep !== undefined) {
      kept.fields = new Map([...kept.fields].filter(([key]) => keep.includes(key)))
    }
    this.#bury(found.hash, kept, 'replaced')
    if (sealed !== undefined) {
      const lifeMs = kept.endsMs > 0 ? kept.endsMs - nowMs : 2 * this.#limits.idleMs
      const untilMs = nowMs + this.#limits.graceMs
      const pointer: Renewed = {
        kind: 'renewed',
        to: to.hash,
        untilMs,
        sealed,
        expiresMs: nowMs + lifeMs,
      }
      this.#places.set(found.hash, pointer)
    }
    kept.renewedMs = nowMs
    this.#refresh(kept)
    this.#keep(to.hash, kept)
    return 'done'
  }

  async end(
    { hash }: SessionRef,
    { owners = [], isReplaced }: EndHow = {},
  ): Promise<string | undefined> {
    const found = this.#find(hash, false)
    if (found === undefined) return undefined
    const isOwned = owners.some((owner) => owner.hash === found.kept.userHash)
    if (owners.length > 0 && !isOwned) return undefined
    this.#bury(found.hash, found.kept, isReplaced ? 'replaced' : 'ended')
    return found.hash
  }

  async list(user: UserRef): Promise<readonly ListedSession[]> {
    return this.#sessionsOf(user).map(({ hash, kept }) => ({
      hash,
      createdMs: kept.createdMs,
      touchedMs: kept.touchedMs,
      device: kept.device,
    }))
  }

  async endAll(user: UserRef, except: string | undefined): Promise<number> {
    const doomed = this.#sessionsOf(user).filter(({ hash }) => hash !== except)
    for (const { hash, kept } of doomed) this.#bury(hash, kept)
    return doomed.length
  }

  async endEveryone(): Promise<void> {
    this.#places.clear()
    this.#users.clear()
  }

  async close(): Promise<void> {
    await this.endEveryone()
  }

  #at(hash: string): Place | undefined {
    const place = this.#places.get(hash)
    if (place === undefined || place.expiresMs > this.#clock.now()) return place
    this.#places.delete(hash)
    return undefined
  }

  #find(from: string, strict: boolean): { hash: string; kept: Kept } | undefined {
    let hash = from
    let place = this.#at(hash)
    while (place?.kind === 'renewed') {
      if (strict && this.#clock.now() > place.untilMs) return undefined
      hash = place.to
      place = this.#at(hash)
    }
    return place?.kind === 'live' ? { hash, kept: place } : undefined
  }

  #keep(hash: string, kept: Kept): void {
    this.#places.set(hash, kept)
    if (kept.userHash === undefined) return
    const sessions = this.#users.get(kept.userHash) ?? new Map<string, number>()
    this.#users.set(kept.userHash, sessions.set(hash, kept.createdMs))
  }

  #bury(hash: string, kept: Kept, because: 'ended' | 'replaced' = 'ended'): void {
    this.#unlist(hash, kept)
    this.#places.set(hash, {
      kind: 'ended',
      because,
      expiresMs: this.#clock.now() + this.#limits.tombstoneMs,
    })
  }

  #unlist(hash: string, place: Place): void {
    if (place.kind !== 'live' || place.userHash === undefined) return
    const sessions = this.#users.get(place.userHash)
    sessions?.delete(hash)
    if (sessions?.size === 0) this.#users.delete(place.userHash)
  }

  #refresh(kept: Kept): void {
    kept.touchedMs = this.#clock.now()
    const idleEndMs = kept.touchedMs + this.#limits.idleMs
    kept.expiresMs = kept.endsMs > 0 ? Math.min(idleEndMs, kept.endsMs) : idleEndMs
  }

  #sessionsOf(user: UserRef): { hash: string; kept: Kept }[] {
    const hashes = [...(this.#users.get(user.hash)?.keys() ?? [])]
    return hashes.flatMap((hash) => {
      const place = this.#at(hash)
      return place?.kind === 'live' ? [{ hash, kept: place }] : []
    })
  }

  #evict(user: UserRef): string[] {
    const sessions = this.#sessionsOf(user).sort((a, b) => a.kept.createdMs - b.kept.createdMs)
    const doomed = sessions.slice(0, Math.max(0, sessions.length - this.#limits.maxPerUser + 1))
    for (const { hash, kept } of doomed) this.#bury(hash, kept)
    return doomed.map(({ hash }) => hash)
  }
}
