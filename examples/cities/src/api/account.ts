import type { Answer } from './api.ts'
import { describeDevice } from './device.ts'
import { loginBody, parseInput, sessionParams } from './input.ts'
import { requireToken, requireUser, type Visit } from './visit.ts'

/** The routes' work that is about who somebody is: login, logout, and where a user is logged in. */
export interface AccountApi {
  getMe(visit: Visit): Promise<Answer>
  getCsrfToken(visit: Visit): Promise<Answer>
  login(visit: Visit): Promise<Answer>
  logout(visit: Visit): Promise<Answer>
  listSessions(visit: Visit): Promise<Answer>
  revokeSession(visit: Visit): Promise<Answer>
  revokeOtherSessions(visit: Visit): Promise<Answer>
}

/** Keeps nothing of its own: all there is to know is in the sessions. */
export const account: AccountApi = {
  async getMe({ session }) {
    return { status: 200, body: { user: (await session.userId()) ?? null } }
  },

  async getCsrfToken({ session }) {
    return { status: 200, body: { token: await session.csrfToken() } }
  },

  async login(visit) {
    await requireToken(visit)
    const { user } = parseInput(loginBody, visit.body)
    // The id is a new one from here on: whoever knew the old one knows nothing. Favourites stay.
    await visit.session.login(user, { device: describeDevice(visit.userAgent) })
    return { status: 200, body: { user } }
  },

  async logout(visit) {
    await requireToken(visit)
    await visit.session.logout()
    return { status: 200, body: { user: null } }
  },

  async listSessions(visit) {
    const user = await requireUser(visit)
    const found = await visit.sessions.list(user)
    const sessions = found.map((one) => ({ ...one, isThis: one.handle === visit.session.id }))
    return { status: 200, body: { sessions } }
  },

  async revokeSession(visit) {
    const user = await requireUser(visit)
    await requireToken(visit)
    const { handle } = parseInput(sessionParams, visit.params)
    // Only a session of one's own, whatever handle is asked for.
    const isEnded = await visit.sessions.revoke(handle, { userId: user })
    if (!isEnded) return { status: 404, body: { error: 'There is no such session of yours' } }
    return { status: 200, body: { ended: 1 } }
  },

  async revokeOtherSessions(visit) {
    const user = await requireUser(visit)
    await requireToken(visit)
    const ended = await visit.sessions.revokeAll(user, { except: visit.session.id })
    return { status: 200, body: { ended } }
  },
}
