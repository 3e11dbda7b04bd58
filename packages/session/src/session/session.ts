import { invalidOption } from '@hotpath/core/base'
import { sessionTooLate, sessionValue } from '../errors.ts'
import { handleOf } from './context.ts'
import { maskCsrf, matchesCsrf, newCsrfSecret } from './csrf.ts'
import type { Session } from './session-types.ts'
import { readData } from './slot-data.ts'
import type { StoredSession } from './stored-session.ts'
import { updateSlot } from './update-slot.ts'

const CSRF = '~csrf'
const FLASH = '~flash:'
const LONGEST_KEY = 200
const LONGEST_USER_ID = 500

/** Where the session of a request comes from. */
export interface SessionSource {
  /** Always the same one. */
  open(): StoredSession
  /** The session, if it has been opened. */
  readonly opened: StoredSession | undefined
  /** Whether the head of the response is beyond change. */
  readonly isSealed: boolean
  /** Whether the browser can be given another id; it never can on an upgrade to a WebSocket. */
  readonly setsCookie: boolean
}

/** A session as the handler of a request sees it. */
export class RequestSession implements Session<Record<string, unknown>> {
  readonly #source: SessionSource

  constructor(source: SessionSource) {
    this.#source = source
  }

  get #stored(): StoredSession {
    return this.#source.open()
  }

  get id(): string | undefined {
    return this.#stored.handle
  }

  async get(key: string): Promise<unknown> {
    checkKey(key)
    const stored = this.#stored
    await stored.read()
    return stored.slots.get(key)
  }

  async all(): Promise<Record<string, unknown>> {
    await this.#stored.read()
    return readData(this.#stored.slots)
  }

  set(key: string, value: unknown): void {
    checkKey(key)
    if (value === undefined) throw sessionValue(key, 'undefined is no value; unset() removes a key')
    if (this.#mayChange()) this.#stored.slots.set(key, value)
  }

  async update(key: string, change: (value: unknown) => unknown): Promise<unknown> {
    checkKey(key)
    return await this.#update(key, change)
  }

  unset(key: string): void {
    checkKey(key)
    if (this.#mayChange()) this.#stored.slots.set(key, undefined)
  }

  async flash(key: string, ...rest: [message?: unknown]): Promise<unknown[]> {
    checkKey(key)
    const name = FLASH + key
    if (rest.length > 0) {
      await this.#update(name, (messages) => [...listOf(messages), rest[0]])
      return []
    }
    await this.#stored.read()
    if (this.#stored.slots.get(name) === undefined) return []
    let taken: unknown[] = []
    await this.#update(name, (messages) => {
      taken = listOf(messages)
      return undefined
    })
    return taken
  }

  async userId(): Promise<string | undefined> {
    await this.#stored.read()
    return this.#stored.owner
  }

  async login(
    userId: string,
    options: { device?: string | undefined; keep?: readonly string[] | undefined } = {},
  ): Promise<void> {
    checkUserId(userId)
    if (!this.#mayMove()) return
    const stored = this.#stored
    const { store, keyring, events } = stored.context
    await stored.read()
    const isOthers = stored.owner !== undefined && stored.owner !== userId
    // But for the secret behind CSRF tokens: one that was known before the login is known no longer.
    const all = isOthers ? [] : stored.slots.keys().filter((key) => key !== CSRF)
    const kept = options.keep ?? all
    const old = stored.id
    stored.slots.clear([...kept])
    const id = keyring.newId(keyring.userRefs(userId)[0])
    await stored.create(id, { userId, device: options.device })
    if (old !== undefined) await stored.ask(() => store.end(old, { isReplaced: true }))
    events.emit('login', { handle: handleOf(id) })
  }

  async logout(): Promise<void> {
    const stored = this.#stored
    const { store, events } = stored.context
    const id = stored.id
    if (id !== undefined) {
      await stored.ask(() => store.end(id))
      events.emit('logout', { handle: handleOf(id) })
    }
    stored.slots.clear()
    stored.forget()
    if (id !== undefined) stored.cookieChange = 'expire'
  }

  async destroy(): Promise<void> {
    await this.logout()
  }

  async regenerate(options: { keep?: readonly string[] | undefined } = {}): Promise<void> {
    if (!this.#mayMove()) return
    const stored = this.#stored
    await stored.read()
    if (options.keep !== undefined) stored.slots.clear(options.keep)
    if (!stored.isLive || stored.id === undefined) return
    const id = stored.context.keyring.renewId(stored.id)
    const isMoved = await stored.move(id, options.keep, false)
    if (!isMoved) stored.forget()
  }

  async touch(): Promise<void> {
    await this.#stored.touch()
  }

  async save(): Promise<void> {
    await this.#stored.write(undefined, this.#source.setsCookie)
  }

  async reload(): Promise<void> {
    this.#stored.unread()
    await this.#stored.read()
  }

  async csrfToken(): Promise<string> {
    await this.#stored.read()
    const known = this.#stored.slots.get(CSRF)
    if (typeof known === 'string') return maskCsrf(known)
    const secret = newCsrfSecret()
    if (this.#mayChange()) this.#stored.slots.set(CSRF, secret)
    return maskCsrf(secret)
  }

  async verifyCsrf(token: unknown): Promise<boolean> {
    await this.#stored.read()
    const secret = this.#stored.slots.get(CSRF)
    return typeof secret === 'string' && matchesCsrf(secret, token)
  }

  /** For who sends the response: writes what has changed, if anything has. */
  settle(): Promise<void> | undefined {
    return this.#source.opened?.settlement.settle()
  }

  async #update(key: string, change: (value: unknown) => unknown): Promise<unknown> {
    if (!this.#mayChange()) return undefined
    await this.#stored.read()
    return await updateSlot(this.#stored, key, change)
  }

  #mayMove(): boolean {
    if (!this.#source.isSealed && !this.#source.setsCookie) throw sessionTooLate()
    return this.#mayChange()
  }

  /** After the head no cookie can be set: a change would be lost, or be an orphan in the store. */
  #mayChange(): boolean {
    if (!this.#source.isSealed) return true
    const { isDevelopment, events } = this.#stored.context
    if (isDevelopment) throw sessionTooLate()
    events.emit('lost', { handle: this.id, because: 'head-sent' })
    return false
  }
}

function listOf(messages: unknown): unknown[] {
  return Array.isArray(messages) ? messages : []
}

function checkKey(key: unknown): void {
  const isKey = typeof key === 'string' && key.length > 0 && key.length <= LONGEST_KEY
  if (!isKey || key.startsWith('~')) {
    throw invalidOption(
      'key',
      key,
      `text of 1 to ${LONGEST_KEY} characters that does not start with ~`,
    )
  }
}

export function checkUserId(userId: unknown): void {
  if (typeof userId !== 'string' || userId.length === 0 || userId.length > LONGEST_USER_ID) {
    throw invalidOption('userId', userId, `text of 1 to ${LONGEST_USER_ID} characters`)
  }
}
