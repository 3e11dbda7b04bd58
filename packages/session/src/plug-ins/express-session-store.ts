import session, { type SessionData } from 'express-session'
import {
  answer,
  type OpenedPlugIn,
  openPlugIn,
  type PlugInStoreOptions,
} from './open-plug-in-store.ts'
import { formatSession, parseSession } from './plug-in-store.ts'

type Done = (error?: unknown) => void
type Given<T> = (error: unknown, value?: T) => void

/**
 * A store for express-session, in Redis or, without `redis`, in process memory.
 *
 * While Redis is away it emits `disconnect`, upon which express-session serves requests without a
 * session, and `connect` when it is back; calls meanwhile give `SessionUnavailableError` (503) at once.
 * Sessions that connect-redis has kept under the same prefix are read on.
 *
 * @example
 * ```ts
 * import { ExpressSessionStore } from '@hotpath/session/express-session'
 * import session from 'express-session'
 *
 * const store = new ExpressSessionStore({ redis: process.env.REDIS_URL })
 * const secret = process.env.SESSION_SECRET ?? ''
 * app.use(session({ store, secret, resave: false, saveUninitialized: false }))
 * ```
 */
export class ExpressSessionStore extends session.Store {
  readonly #plugIn: OpenedPlugIn

  constructor(options?: PlugInStoreOptions) {
    super()
    this.#plugIn = openPlugIn('ExpressSessionStore', options)
    this.#plugIn.store.onState((state) => this.emit(state === 'up' ? 'connect' : 'disconnect'))
  }

  override get(sid: string, callback: Given<SessionData | null>): void {
    answer(this.#get(sid), callback)
  }

  override set(sid: string, data: SessionData, callback?: Done): void {
    answer(this.#set(sid, data), callback)
  }

  override touch(sid: string, data: SessionData, callback?: Done): void {
    answer(this.#touch(sid, data), callback)
  }

  override destroy(sid: string, callback?: Done): void {
    answer(this.#plugIn.store.destroy(sid), callback)
  }

  override all(callback: Given<SessionData[]>): void {
    answer(this.#all(), callback)
  }

  override length(callback: Given<number>): void {
    answer(
      this.#plugIn.store.ids().then((sids) => sids.length),
      callback,
    )
  }

  override clear(callback?: Done): void {
    answer(this.#plugIn.store.clear(), callback)
  }

  /** The ids of all sessions that have not expired. */
  ids(callback: Given<string[]>): void {
    answer(this.#plugIn.store.ids(), callback)
  }

  /** Closes the connection to Redis if this store opened it. */
  close(): Promise<void> {
    return this.#plugIn.store.close()
  }

  async #get(sid: string): Promise<SessionData | null> {
    const text = await this.#plugIn.store.get(sid)
    const found = text && parseSession(text)
    return found === undefined ? null : (found as object as SessionData)
  }

  async #set(sid: string, data: SessionData): Promise<void> {
    const lifeMs = this.#plugIn.lifeMs(data as object as Record<string, unknown>)
    if (lifeMs > 0) await this.#plugIn.store.set(sid, formatSession(data), lifeMs)
    else await this.#plugIn.store.destroy(sid)
  }

  async #touch(sid: string, data: SessionData): Promise<void> {
    if (this.#plugIn.disableTouch) return
    const lifeMs = this.#plugIn.lifeMs(data as object as Record<string, unknown>)
    await this.#plugIn.store.touch(sid, formatSession(data).cookie, Math.max(lifeMs, 0))
  }

  async #all(): Promise<SessionData[]> {
    const sids = await this.#plugIn.store.ids()
    const found = await Promise.all(
      sids.map(async (sid) => {
        const data = await this.#get(sid)
        return data === null ? [] : [Object.assign(data, { id: sid })]
      }),
    )
    return found.flat()
  }
}
