import {
  createSessionManager,
  type Session,
  type SessionData,
  type SessionManager,
  type SessionOptions,
} from '@hotpath/session'
import type { RequestHandler } from 'express'

/** What {@link sessionMiddleware} gives a request. Where express-session has its types, `session` is its own. */
export interface SessionRequest {
  /** The session of this request, from `sessionMiddleware`. */
  session: Express.Request extends { sessionStore: unknown } ? unknown : Session
  /** All sessions of the app, from `sessionMiddleware`. */
  sessions: SessionManager
}

declare global {
  namespace Express {
    // Inherited: of a property that two declare they must say the same, one's own may say more.
    interface Request extends SessionRequest {}
  }
}

/** What {@link sessionMiddleware} returns. */
export interface SessionMiddleware extends RequestHandler {
  /** To list, revoke and erase sessions, and to close. */
  readonly sessions: SessionManager
}

/**
 * Gives every request `req.session` and `req.sessions`. Nothing is read from the store until a handler
 * asks; what it changes is written before the response begins, whichever way that is sent.
 *
 * Given options it makes a session manager of its own; given one made by `createSessionManager` it
 * uses that. Wrong options throw `ERR_OPTION_INVALID`. While Redis is away, calls of the session reject
 * with `SessionUnavailableError`, which Express answers 503. Express 4 leaves rejections of handlers
 * to the app: pass them to `next`.
 *
 * @example
 * ```ts
 * app.use(sessionMiddleware({ redis: process.env.REDIS_URL, secret: process.env.SESSION_SECRET ?? '' }))
 * app.post('/login', async (req, res) => {
 *   await req.session.login((await authenticate(req)).id)
 *   res.redirect('/')
 * })
 * ```
 */
export function sessionMiddleware<D extends object = SessionData>(
  options: SessionOptions | SessionManager<D>,
): SessionMiddleware {
  const sessions = (
    isManager(options) ? options : createSessionManager(options, 'sessionMiddleware')
  ) as SessionManager
  const middleware: RequestHandler = (req, res, next) => {
    const request: SessionRequest = req
    request.session = sessions.attach(req, res)
    request.sessions = sessions
    next()
  }
  return Object.assign(middleware, { sessions })
}

function isManager<D extends object>(
  options: SessionOptions | SessionManager<D>,
): options is SessionManager<D> {
  return typeof (options as Partial<SessionManager<D>>)?.attach === 'function'
}
