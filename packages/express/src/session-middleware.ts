import {
  createSessionManager,
  type Session,
  type SessionData,
  type SessionManager,
  type SessionOptions,
} from '@hotpath/session'
import type { RequestHandler } from 'express'

declare global {
  namespace Express {
    interface Request {
      /** The session of this request, from `sessionMiddleware`. */
      session: Session
      /** All sessions of the app, from `sessionMiddleware`. */
      sessions: SessionManager
    }
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
    req.session = sessions.attach(req, res)
    req.sessions = sessions
    next()
  }
  return Object.assign(middleware, { sessions })
}

function isManager<D extends object>(
  options: SessionOptions | SessionManager<D>,
): options is SessionManager<D> {
  return typeof (options as Partial<SessionManager<D>>)?.attach === 'function'
}
