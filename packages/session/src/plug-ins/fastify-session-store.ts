import { EventEmitter } from 'node:events'
import {
  answer,
  type OpenedPlugIn,
  openPlugIn,
  type PlugInStoreOptions,
} from './open-plug-in-store.ts'
import { formatSession, parseSession } from './plug-in-store.ts'

type Done = (error?: unknown) => void

/**
 * A store for @fastify/session, in Redis or, without `redis`, in process memory.
 *
 * While Redis is away its calls give `SessionUnavailableError` at once, which Fastify answers 503.
 *
 * @example
 * ```js
 * import cookie from '@fastify/cookie'
 * import session from '@fastify/session'
 * import { FastifySessionStore } from '@hotpath/session/fastify-session'
 * import fastify from 'fastify'
 *
 * const app = fastify()
 * const store = new FastifySessionStore({ redis: process.env.REDIS_URL })
 * await app.register(cookie)
 * await app.register(session, { secret: process.env.SESSION_SECRET ?? '', store })
 * ```
 */
export class FastifySessionStore extends EventEmitter {
  readonly #plugIn: OpenedPlugIn

  constructor(options?: PlugInStoreOptions) {
    super()
    this.#plugIn = openPlugIn('FastifySessionStore', options)
    this.#plugIn.store.onState((state) => this.emit(state === 'up' ? 'connect' : 'disconnect'))
  }

  get<S extends object>(sid: string, callback: (error: unknown, session?: S | null) => void): void {
    answer(this.#get(sid) as Promise<S | null>, callback)
  }

  set(sid: string, session: object, callback?: Done): void {
    answer(this.#set(sid, session as Record<string, unknown>), callback)
  }

  destroy(sid: string, callback?: Done): void {
    answer(this.#plugIn.store.destroy(sid), callback)
  }

  /** Closes the connection to Redis if this store opened it. */
  close(): Promise<void> {
    return this.#plugIn.store.close()
  }

  async #get(sid: string): Promise<object | null> {
    const text = await this.#plugIn.store.get(sid)
    return (text && parseSession(text)) ?? null
  }

  async #set(sid: string, session: Record<string, unknown>): Promise<void> {
    const lifeMs = this.#plugIn.lifeMs(session)
    if (lifeMs > 0) await this.#plugIn.store.set(sid, formatSession(session), lifeMs)
    else await this.#plugIn.store.destroy(sid)
  }
}
