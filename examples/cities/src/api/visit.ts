import type { Session, SessionManager } from '@hotpath/session'

/** What the routes that know their visitor are given of a request, by either framework. */
export interface Visit {
  session: Session
  sessions: SessionManager
  params: unknown
  body: unknown
  /** The field `X-CSRF-Token`. */
  csrfToken: unknown
  userAgent: string | undefined
}

/** A visitor who may not do what was asked. Its message goes to the client. */
export class Refused extends Error {
  readonly status: 401 | 403

  constructor(status: 401 | 403, message: string) {
    super(message)
    this.status = status
  }
}

/**
 * Refuses a change that our own page did not ask for. A browser sends the cookie along with requests
 * from any page, but only ours can read the token.
 */
export async function requireToken({ session, csrfToken }: Visit): Promise<void> {
  if (await session.verifyCsrf(csrfToken)) return
  throw new Refused(403, 'X-CSRF-Token: wanted a token of this session, from /api/csrf-token')
}

export async function requireUser({ session }: Visit): Promise<string> {
  const user = await session.userId()
  if (user === undefined) throw new Refused(401, 'Nobody is logged in here')
  return user
}
