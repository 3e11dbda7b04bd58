import { SessionConflictError, SessionUnavailableError, sessionGone } from '../errors.ts'
import type { SessionId } from '../ids/keyring.ts'
import type { LiveSession } from '../store/session-store.ts'
import { idSealer } from '../values/seal.ts'
import { adoptData } from './adopt-data.ts'
import { commitSlots, sealed } from './commit.ts'
import { handleOf, type SessionContext } from './context.ts'
import { createSlotCodec } from './slot-codec.ts'
import { readData, replaceData } from './slot-data.ts'
import { type SlotCodec, Slots } from './slots.ts'

/** An update is tried this often before it gives up. */
const MOST_UPDATES = 200
const DONE = Promise.resolve()
const OWNER = '~owner'
const DEVICE = '~device'

/** What the response has to tell the browser. */
export type CookieChange = 'none' | 'set' | 'expire'

/** A session's place in the store, read when first needed, and what one request makes of it. */
export class StoredSession {
  readonly context: SessionContext
  readonly codec: SlotCodec
  readonly slots: Slots
  id: SessionId | undefined
  owner: string | undefined
  cookieChange: CookieChange = 'none'
  /** The store was away when it was asked. */
  outage: SessionUnavailableError | undefined
  #state: 'unread' | 'live' | 'empty' | 'replaced' = 'unread'
  #isAbandoned = false
  #live: LiveSession | undefined
  #reading: Promise<void> | undefined
  #writing: Promise<void> | undefined

  constructor(context: SessionContext, id: SessionId | undefined) {
    this.context = context
    this.id = id
    if (id === undefined) this.#state = 'empty'
    this.codec = createSlotCodec(context.sealer, (key) =>
      context.events.emit('unreadable', { handle: this.handle, key }),
    )
    this.slots = new Slots(this.codec)
    if (id === undefined) this.slots.fill(new Map())
  }

  get handle(): string | undefined {
    return this.id && handleOf(this.id)
  }

  get isLive(): boolean {
    return this.#state === 'live'
  }

  /** Whether the head of the response has to wait for the store. */
  get hasWork(): boolean {
    return !this.#isAbandoned && (this.slots.hasChanges || this.#isDue())
  }

  /** Asks the store, unless it was asked already. */
  read(touch?: 'now'): Promise<void> {
    if (this.#state !== 'unread' && touch === undefined) return DONE
    this.#reading ??= this.#read(touch)
    return this.#reading
  }

  /** Writes what has changed; one write of a request at a time. */
  async write(): Promise<void> {
    while (this.#writing !== undefined) await this.#writing.catch(() => {})
    this.#writing = this.#write()
    try {
      await this.#writing
    } finally {
      this.#writing = undefined
    }
  }

  /** Writes before the response begins. What fails is not tried again for the same response. */
  async settle(): Promise<void> {
    if (this.#isAbandoned) return
    try {
      await this.write()
    } catch (error) {
      this.#isAbandoned = true
      if (!this.#isBearable(error)) throw error
    }
  }

  /** Whether the response goes out all the same, without what could not be written. */
  #isBearable(error: unknown): boolean {
    const { events, onStoreError } = this.context
    const isGone = (error as { code?: unknown }).code === 'ERR_SESSION_GONE'
    const isOutage = error === this.outage
    if (!isGone && !isOutage) return false
    events.emit('lost', { handle: this.handle, because: isGone ? 'gone' : 'store-down' })
    return isGone || onStoreError === 'anonymous'
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
  async create(
    id: SessionId,
    owner?: { userId: string; device: string | undefined },
  ): Promise<void> {
    const { store, keyring, version, events } = this.context
    const texts = this.slots.texts()
    const seal = (key: string, text: string) => (text === '' ? '' : this.codec.seal(key, text))
    const evicted = await this.ask(() =>
      store.create(id, {
        user: owner && keyring.userRefs(owner.userId)[0],
        owner: seal(OWNER, owner?.userId ?? ''),
        device: seal(DEVICE, owner?.device ?? ''),
        schemaVersion: version,
        fields: new Map([...texts].map(([key, text]) => [key, this.codec.seal(key, text)])),
      }),
    )
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

  async update(key: string, change: (value: unknown) => unknown): Promise<unknown> {
    for (let attempt = 0; attempt < MOST_UPDATES; attempt += 1) {
      const value = await change(this.slots.get(key))
      this.slots.set(key, value)
      const id = this.id
      const mine = this.slots.changes().find((one) => one.key === key)
      if (!this.isLive || id === undefined || mine === undefined) return value
      const asked = { ...mine, expected: this.slots.revisionOf(key) }
      const outcome = await this.ask(() =>
        this.context.store.commit(id, sealed([asked], this.codec), this.context.version),
      )
      if (outcome.kind === 'gone') throw sessionGone()
      if (outcome.kind === 'done') {
        this.slots.committed([mine], outcome.revision)
        return value
      }
      this.slots.rebase(key, outcome.current.get(key), 'theirs')
    }
    throw new SessionConflictError([key])
  }

  /** Calls the store; what fails because it is away fails as the options say. */
  async ask<T>(call: () => Promise<T>): Promise<T> {
    try {
      return await call()
    } catch (error) {
      const code = (error as { code?: unknown }).code
      if (code !== 'ERR_REDIS_UNAVAILABLE' && code !== 'ERR_REDIS_TIMEOUT') throw error
      this.outage = new SessionUnavailableError(error)
      throw this.outage
    }
  }

  async #read(touch: 'now' | undefined): Promise<void> {
    try {
      for (let hops = 0; hops < 10; hops += 1) if (await this.#readOnce(touch)) return
      this.#lose()
    } catch (error) {
      if (error !== this.outage || this.context.onStoreError !== 'anonymous') throw error
      this.slots.fill(new Map())
      this.#state = 'empty'
    } finally {
      this.#reading = undefined
    }
  }

  async #readOnce(touch: 'now' | undefined): Promise<boolean> {
    const { store, keyring, events } = this.context
    const id = this.id
    if (id === undefined) return true
    const found = await this.ask(() => store.load(id, touch))
    if (found.kind === 'live') {
      await this.#take(found.session)
      return true
    }
    if (found.kind === 'renewed') {
      const value = idSealer(id).open(found.sealed, 'renewed')
      const next = value === undefined ? undefined : keyring.parse(value)
      if (next === undefined) return this.#lose()
      this.id = next
      this.cookieChange = 'set'
      return false
    }
    if (found.kind === 'stolen') {
      events.emit('theft', { handle: handleOf({ ...id, hash: found.hash }) })
    }
    return this.#lose(found.kind === 'gone' && found.because === 'replaced')
  }

  /** The cookie leads nowhere: a session that begins now gets another id, never this one. */
  #lose(isReplaced = false): true {
    this.id = undefined
    // A session that began now would take the place of the one that the browser has just been given.
    this.#state = isReplaced ? 'replaced' : 'empty'
    this.slots.fill(new Map())
    return true
  }

  async #take(live: LiveSession): Promise<void> {
    this.#live = live
    this.owner = live.owner === undefined ? undefined : this.codec.open(OWNER, live.owner)
    this.slots.fill(live.fields)
    this.#state = 'live'
    await adoptData(this.context, this.slots, live.schemaVersion, this.handle)
  }

  #isDue(): boolean {
    const { renewalMs } = this.context
    if (this.#live === undefined || renewalMs === 0) return false
    return this.#live.nowMs - this.#live.renewedMs >= renewalMs
  }

  async #write(): Promise<void> {
    const { validate, keyring } = this.context
    if (this.#state !== 'unread' && validate !== undefined && this.slots.hasChanges) {
      replaceData(this.slots, await validate(readData(this.slots)))
    }
    if (this.#isDue() && this.id !== undefined) {
      await this.move(keyring.renewId(this.id), undefined, true)
      this.#live = undefined
    }
    const changes = this.slots.changes()
    if (changes.length === 0) return
    if (this.#state === 'replaced') throw sessionGone()
    if (this.#state === 'empty') return await this.#begin()
    const id = this.id as SessionId
    const outcome = await this.ask(() =>
      commitSlots(this.context, id, this.slots, this.codec, changes),
    )
    if (outcome === 'done') return
    // Written without having been read, and the cookie's session is no more: a new one begins.
    if (outcome !== 'replaced' && this.#state === 'unread') return await this.#begin()
    throw sessionGone()
  }

  async #begin(): Promise<void> {
    if (this.slots.texts().size === 0) return
    await this.create(this.context.keyring.newId())
  }
}
