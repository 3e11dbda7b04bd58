import type { IncomingMessage, ServerResponse } from 'node:http'
import { readCookies } from '../cookie/read-cookie.ts'
import { markPrivate } from '../http/head-fields.ts'
import { HeldResponse } from '../http/hold-response.ts'
import { prepare } from '../http/interception.ts'
import { ResponseGate } from '../http/response-gate.ts'
import type { SessionId } from '../ids/keyring.ts'
import type { SessionContext } from '../session/context.ts'
import type { SessionSource } from '../session/session.ts'
import { StoredSession } from '../session/stored-session.ts'

/** The session of one request: nothing is read, and nothing of the response touched, until it is opened. */
export class RequestSource implements SessionSource {
  readonly #context: SessionContext
  readonly #req: IncomingMessage
  readonly #res: ServerResponse
  #stored: StoredSession | undefined
  #held: HeldResponse | undefined

  constructor(context: SessionContext, req: IncomingMessage, res: ServerResponse) {
    this.#context = context
    this.#req = req
    this.#res = res
    prepare(res)
  }

  get opened(): StoredSession | undefined {
    return this.#stored
  }

  get isSealed(): boolean {
    return this.#held === undefined ? this.#res.headersSent : this.#held.hasBegun
  }

  get setsCookie(): boolean {
    return !this.isSealed
  }

  open(): StoredSession {
    if (this.#stored !== undefined) return this.#stored
    const stored = new StoredSession(this.#context, findId(this.#context, this.#req))
    this.#stored = stored
    if (this.#res.headersSent) return stored
    markPrivate(this.#res)
    this.#held = new HeldResponse(this.#res, new ResponseGate(stored))
    return stored
  }
}

/**
 * The id that the cookie carries, if it was made here. Cookies that were not are passed over without
 * a look into the store; of two that were, one has been planted, and which cannot be told.
 */
export function findId(
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
