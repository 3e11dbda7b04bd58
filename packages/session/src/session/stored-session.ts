import { SessionUnavailableError, sessionGone, sessionTooLate } from '../errors.ts'
import type { SessionId } from '../ids/keyring.ts'
import type { Change, Found, LiveSession } from '../store/session-store.ts'
import { idSealer } from '../values/seal.ts'
import { adoptData } from './adopt-data.ts'
import { commitSlots } from './commit.ts'
import { handleOf, type SessionContext } from './context.ts'
import { describeSession, OWNER, type Owner } from './describe-session.ts'
import { Settlement } from './settlement.ts'
import { ValueCodec } from './slot-codec.ts'
import { readData, replaceData } from './slot-data.ts'
import { type SlotCodec, Slots } from './slots.ts'

const DONE = Promise.resolve()

/** What the response has to tell the browser. */
export type CookieChange = 'none' | 'set' | 'expire'

/** A session's place in the store, read when first needed, and what one request makes of it. */
export class StoredSession {
  readonly context: SessionContext
  readonly codec: SlotCodec
  readonly slots: Slots
  readonly settlement: Settlement = new Settlement(this)
  id: SessionId | undefined
  owner: string | undefined
  cookieChange: CookieChange = 'none'
  /** The store was away when it was asked. */
  outage: SessionUnavailableError | undefined
  #state: 'unread' | 'live' | 'empty' | 'replaced' = 'unread'
  #live: LiveSession | undefined
  #reading: Promise<void> | undefined
  #writing: Promise<void> | undefined

  constructor(context: SessionContext, id: SessionId | undefined) {
    this.context = context
    this.id = id
    if (id === undefined) this.#state = 'empty'
    this.codec = new ValueCodec(context.sealer, (key) =>
      context.events.emit('unreadable', { handle: this.handle, key }),
    )
    this.slots = new Slots(this.codec)
    if (id === undefined) this.slots.fill(new Map())
  }

  get handle(): string | undefined {
    return this.id && handleOf(this.id)
  }

  get isWriting(): boolean {
    return this.#writing !== undefined
  }

  get isLive(): boolean {
    return this.#state === 'live'
  }

  /** Asks the store, unless it was asked already. */
  read(touch?: 'now'): Promise<void> {
    if (this.#state !== 'unread') return DONE
    this.#reading ??= this.#read(touch)
    return this.#reading
  }

  /** Begins the idle time anew. What has been read, and brought to the present version, is not read again. */
  async touch(): Promise<void> {
    if (this.#state === 'unread' && this.#reading === undefined) return await this.read('now')
    await this.read()
    const { id } = this
    if (id !== undefined && this.isLive) await this.ask(() => this.context.store.load(id, 'now'))
  }

  /** Writes what has changed, one write of a request at a time; `known` is what has changed if that was looked for just now. */
  async write(known: readonly Change[] | undefined, setsCookie: boolean): Promise<void> {
    let changes = known
    while (this.#writing !== undefined) {
      await this.#writing.catch(() => {})
      changes = undefined
    }
    this.#writing = this.#write(changes, setsCookie)
    try {
      await this.#writing
    } finally {
      this.#writing = undefined
    }
  }

  /** Begins as another session: nothing of it is in the store. */
  forget(): void {
    this.id = undefined
    this.owner = undefined
    this.#live = undefined
    this.#state = 'empty'
    this.slots.detach()
  }

  unread(): void {
    this.slots.clear()
    if (this.id !== undefined) this.#state = 'unread'
  }

  /** Makes it a session of its own under `id`, in the store at once. */
  async create(id: SessionId, owner?: Owner): Promise<void> {
    const { store, events } = this.context
    const texts = this.slots.texts()
    const described = describeSession(this.context, this.codec, texts, owner)
    const evicted = await this.ask(() => store.create(id, described))
    for (const hash of evicted) events.emit('evicted', { handle: handleOf({ ...id, hash }) })
    this.id = id
    this.owner = owner?.userId
    this.#state = 'live'
    this.#live = undefined
    this.cookieChange = 'set'
    this.slots.detach()
    const changes = [...texts].map(([key, text]) => ({ key, text, expected: 0 }))
    this.slots.committed(changes, 1)
  }

  async move(
    to: SessionId,
    keep: readonly string[] | undefined,
    renews: boolean,
  ): Promise<boolean> {
    const { store, keyring } = this.context
    const from = this.id as SessionId
    const seal = renews ? idSealer(from).seal(keyring.format(to), 'renewed') : undefined
    const moved = await this.ask(() => store.move(from, { to, sealed: seal, keep }))
    if (moved !== 'done') return false
    this.id = to
    this.cookieChange = 'set'
    // Not due again in this request.
    this.#live = undefined
    return true
  }

  /** Calls the store; what fails because it is away fails as the options say. */
  async ask<T>(call: () => T | Promise<T>): Promise<T> {
    try {
      return await call()
    } catch (error) {
      throw this.#judge(error)
    }
  }

  #judge(error: unknown): unknown {
    const code = (error as { code?: unknown }).code
    if (code !== 'ERR_REDIS_UNAVAILABLE' && code !== 'ERR_REDIS_TIMEOUT') return error
    this.outage = new SessionUnavailableError(error)
    return this.outage
  }

  async #read(touch: 'now' | undefined): Promise<void> {
    const { store, onStoreError } = this.context
    try {
      for (let hops = 0; hops < 10; hops += 1) {
        const id = this.id
        if (id === undefined) return
        const found = await store.load(id, touch)
        if (found.kind === 'live') return await this.#take(found.session)
        if (!this.#follow(id, found)) return
      }
      this.#lose()
    } catch (error) {
      const failure = this.#judge(error)
      if (failure !== this.outage || onStoreError !== 'anonymous') throw failure
      this.slots.fill(new Map())
      this.#state = 'empty'
    } finally {
      this.#reading = undefined
    }
  }

  /** Whether the store is to be asked again, for the id that there is now. */
  #follow(id: SessionId, found: Exclude<Found, { kind: 'live' }>): boolean {
    const { keyring, events } = this.context
    if (found.kind === 'renewed') {
      const value = idSealer(id).open(found.sealed, 'renewed')
      const next = value === undefined ? undefined : keyring.parse(value)
      if (next !== undefined) {
        this.id = next
        this.cookieChange = 'set'
        return true
      }
    }
    if (found.kind === 'stolen') {
      events.emit('theft', { handle: handleOf({ ...id, hash: found.hash }) })
    }
    this.#lose(found.kind === 'gone' && found.because === 'replaced')
    return false
  }

  /** The cookie leads nowhere: a session that begins now gets another id, never this one. */
  #lose(isReplaced = false): void {
    this.id = undefined
    // A session that began now would take the place of the one that the browser has just been given.
    this.#state = isReplaced ? 'replaced' : 'empty'
    this.slots.fill(new Map())
  }

  async #take(live: LiveSession): Promise<void> {
    this.#live = live
    this.owner = live.owner === undefined ? undefined : this.codec.open(OWNER, live.owner)
    this.slots.fill(live.fields)
    this.#state = 'live'
    const { migrate, validate } = this.context
    if (migrate === undefined && validate === undefined) return
    await adoptData(this.context, this.slots, live.schemaVersion, this.handle)
  }

  /** Whether the id is as old as it may become. */
  get isDue(): boolean {
    const { renewalMs } = this.context
    if (this.#live === undefined || renewalMs === 0) return false
    return this.#live.nowMs - this.#live.renewedMs >= renewalMs
  }

  async #write(known: readonly Change[] | undefined, setsCookie: boolean): Promise<void> {
    const { validate, keyring } = this.context
    let changes = known ?? this.slots.changes()
    if (this.#state !== 'unread' && validate !== undefined && changes.length > 0) {
      replaceData(this.slots, await validate(readData(this.slots)))
      changes = this.slots.changes()
    }
    // An id that the browser is not told of would make a thief of it.
    if (setsCookie && this.isDue && this.id !== undefined) {
      await this.move(keyring.renewId(this.id), undefined, true)
      this.#live = undefined
      changes = this.slots.changes()
    }
    if (changes.length === 0) return
    if (this.#state === 'replaced') throw sessionGone()
    if (this.#state === 'empty') return await this.#begin(setsCookie)
    const id = this.id as SessionId
    const outcome = await this.ask(() =>
      commitSlots(this.context, id, this.slots, this.codec, changes),
    )
    if (outcome === 'done') return
    // Written without having been read, and the cookie's session is no more: a new one begins.
    if (outcome !== 'replaced' && this.#state === 'unread') return await this.#begin(setsCookie)
    throw sessionGone()
  }

  async #begin(setsCookie: boolean): Promise<void> {
    if (this.slots.texts().size === 0) return
    if (!setsCookie) throw sessionTooLate()
    // The store was away, not the session: another would take its place in the browser.
    if (this.outage !== undefined && this.id !== undefined) throw this.outage
    await this.create(this.context.keyring.newId())
  }
}
