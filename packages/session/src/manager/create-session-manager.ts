import type { IncomingMessage, ServerResponse } from 'node:http'
import { readCookies } from '../cookie/read-cookie.ts'
import { markPrivate } from '../http/head-fields.ts'
import { holdResponse } from '../http/hold-response.ts'
import { createResponseGate } from '../http/response-gate.ts'
import type { SessionId } from '../ids/keyring.ts'
import type { SessionContext } from '../session/context.ts'
import { RequestSession } from '../session/session.ts'
import type { Session, SessionData } from '../session/session-types.ts'
import { StoredSession } from '../session/stored-session.ts'
import { createAdministration } from './administration.ts'
import { openContext } from './open-context.ts'
import type { SessionOptions } from './options.ts'
import { resolveSessionOptions } from './options-schema.ts'
import type { SessionManager } from './session-manager.ts'

/**
 * Sessions without a framework, and the way to those of other users: list, revoke, erase.
 *
 * Wrong options throw `ERR_OPTION_INVALID`.
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
 *   await session.set('theme', 'dark')
 *   res.end()
 * })
 * await sessions.revokeAll('user-7')
 * await sessions.close()
 * ```
 */
export function createSessionManager<D extends object = SessionData>(
  options: SessionOptions,
  entryPoint = 'createSessionManager',
): SessionManager<D> {
  const context = openContext(resolveSessionOptions(entryPoint, options))
  const opened = new WeakMap<IncomingMessage, StoredSession>()
  return {
    attach: (req, res) => attach(context, opened, req, res) as Session<object> as Session<D>,
    settle(req) {
      const stored = opened.get(req)
      return stored?.hasWork ? stored.settle() : undefined
    },
    async fromUpgrade(req) {
      const stored = new StoredSession(context, findId(context, req))
      await stored.read()
      if (!stored.isLive) return undefined
      const session = new RequestSession(
        () => stored,
        () => false,
      )
      return session as Session<object> as Session<D>
    },
    ...createAdministration(context),
    on: (event, listener) => context.events.on(event, listener),
    close: () => context.store.close(),
  }
}

function attach(
  context: SessionContext,
  opened: WeakMap<IncomingMessage, StoredSession>,
  req: IncomingMessage,
  res: ServerResponse,
): RequestSession {
  let stored: StoredSession | undefined
  let hasBegun = () => res.headersSent
  const open = (): StoredSession => {
    if (stored !== undefined) return stored
    stored = new StoredSession(context, findId(context, req))
    opened.set(req, stored)
    if (res.headersSent) return stored
    markPrivate(res)
    hasBegun = holdResponse(res, createResponseGate(stored))
    return stored
  }
  return new RequestSession(open, () => hasBegun())
}

/**
 * The id that the cookie carries, if it was made here. Cookies that were not are passed over without
 * a look into the store; of two that were, one has been planted, and which cannot be told.
 */
function findId(
  { cookie, keyring, events }: SessionContext,
  req: IncomingMessage,
): SessionId | undefined {
  const values = readCookies(req.headers.cookie, cookie.name)
  if (values.length === 1) return keyring.parse(values[0] ?? '')
  const ids = values.flatMap((value) => keyring.parse(value) ?? [])
  if (ids.length > 1) {
    events.emit('duplicateCookies', { count: ids.length })
    return undefined
  }
  return ids[0]
}
