import type { StandardSchema } from '@hotpath/core'
import { RequestSession } from '../session/session.ts'
import type { Session, SessionData } from '../session/session-types.ts'
import { StoredSession } from '../session/stored-session.ts'
import { createAdministration } from './administration.ts'
import { openContext } from './open-context.ts'
import type { SessionOptions } from './options.ts'
import { resolveSessionOptions } from './options-schema.ts'
import { findId, RequestSource } from './request-source.ts'
import type { SessionManager } from './session-manager.ts'

/**
 * Sessions without a framework, and the way to those of other users: list, revoke, erase.
 *
 * Its data are of the type that `schema` makes; without one, of {@link SessionData}. Wrong options throw
 * `ERR_OPTION_INVALID`.
 *
 * @example
 * ```ts
 * import { createServer } from 'node:http'
 * import { createSessionManager } from '@hotpath/session'
 *
 * const secret = process.env.SESSION_SECRET ?? ''
 * const sessions = createSessionManager({ redis: process.env.REDIS_URL, secret })
 * const server = createServer(async (req, res) => {
 *   const session = sessions.attach(req, res)
 *   session.set('theme', 'dark')
 *   res.end()
 * })
 * await sessions.revokeAll('user-7')
 * await sessions.close()
 * ```
 */
export function createSessionManager<D extends object>(
  options: SessionOptions & { schema: StandardSchema<unknown, D> },
  entryPoint?: string,
): SessionManager<D>
export function createSessionManager<D extends object = SessionData>(
  options: SessionOptions,
  entryPoint?: string,
): SessionManager<D>
export function createSessionManager<D extends object>(
  options: SessionOptions,
  entryPoint = 'createSessionManager',
): SessionManager<D> {
  const context = openContext(resolveSessionOptions(entryPoint, options))
  return {
    attach(req, res) {
      const session = new RequestSession(new RequestSource(context, req, res))
      return session as Session<object> as Session<D>
    },
    settle: (session) => (session instanceof RequestSession ? session.settle() : undefined),
    async fromUpgrade(req) {
      const stored = new StoredSession(context, findId(context, req))
      await stored.read()
      if (!stored.isLive) return undefined
      const source = { open: () => stored, opened: stored, isSealed: false, setsCookie: false }
      const session = new RequestSession(source)
      return session as Session<object> as Session<D>
    },
    ...createAdministration(context),
    on: (event, listener) => context.events.on(event, listener),
    close: () => context.store.close(),
  }
}
