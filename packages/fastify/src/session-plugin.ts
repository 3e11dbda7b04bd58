import {
  createSessionManager,
  type Session,
  type SessionManager,
  type SessionOptions,
} from '@hotpath/session'
import type { FastifyPluginAsync, FastifyRequest, RegisterOptions } from 'fastify'
import fastifyPlugin from 'fastify-plugin'

/** Options of {@link sessionPlugin}: those of sessions, or a manager of them to share. */
export type SessionPluginOptions =
  | SessionOptions
  | {
      /** A manager made by `createSessionManager`, instead of options for one. */
      sessions: SessionManager
    }

declare module 'fastify' {
  interface FastifyInstance {
    /** All sessions of the app, from `sessionPlugin`. */
    readonly sessions: SessionManager
  }
  // Inherited: of a property that two declare they must say the same, one's own may say more.
  interface FastifyRequest extends SessionRequest {}
}

/** What {@link sessionPlugin} gives a request. Where @fastify/session has its types, `session` is its own. */
export interface SessionRequest {
  /** The session of this request, from `sessionPlugin`. */
  session: FastifyRequest extends { sessionStore: unknown } ? unknown : Session
  /** All sessions of the app, from `sessionPlugin`. */
  readonly sessions: SessionManager
}

const register: FastifyPluginAsync<SessionPluginOptions & RegisterOptions> = async (
  app,
  options,
) => {
  // Fastify hands on what was meant for `register`.
  const { prefix, logLevel, logSerializers, ...own } = options
  const shared = 'sessions' in own ? own.sessions : undefined
  const sessions = shared ?? createSessionManager(own as SessionOptions, 'sessionPlugin')
  app.decorate('sessions', sessions)
  app.decorateRequest('session', null as never)
  app.decorateRequest('sessions', { getter: () => sessions })
  app.addHook('onRequest', (request, reply, done) => {
    setSession(request, sessions.attach(request.raw, reply.raw))
    done()
  })
  // The response waits for this one by itself; a hook lets Fastify's own error handling see failures.
  app.addHook('onSend', (request, _reply, payload, done) => {
    const settled = sessions.settle(request.session)
    if (settled === undefined) done(null, payload)
    else settled.then(() => done(null, payload), done)
  })
  if (shared === undefined) app.addHook('onClose', () => sessions.close())
}

function setSession(request: FastifyRequest, session: Session): void {
  request.session = session
}

/**
 * Gives every request `request.session`, and app and requests `sessions`. Nothing is read from the
 * store until a handler asks; what it changes is written before the response begins, whichever way
 * that is sent.
 *
 * Wrong options fail the registration with `ERR_OPTION_INVALID`. While Redis is away, calls of the
 * session reject with `SessionUnavailableError`, which Fastify answers 503.
 *
 * @example
 * ```ts
 * await app.register(sessionPlugin, { redis: process.env.REDIS_URL, secret: process.env.SESSION_SECRET ?? '' })
 * app.post('/login', async (request) => {
 *   await request.session.login((await authenticate(request)).id)
 *   return { ok: true }
 * })
 * ```
 */
export const sessionPlugin: FastifyPluginAsync<SessionPluginOptions> = fastifyPlugin(register, {
  fastify: '5.x',
  name: '@hotpath/fastify-session',
})
