import type { IncomingMessage, ServerResponse } from 'node:http'
import type { SessionEvents } from '../session/events.ts'
import type { Session, SessionData } from '../session/session-types.ts'

/** A session of a user, as a page "my sessions" shows it. */
export interface SessionInfo {
  /** To revoke it by; the same as `session.id`. */
  readonly handle: string
  readonly device: string | undefined
  readonly createdAt: Date
  /** To within `touchInterval`. */
  readonly lastSeenAt: Date
}

/** All sessions of an app. Calls reject with `ERR_SESSION_STORE_UNAVAILABLE` while Redis is away. */
export interface SessionManager<D extends object = SessionData> {
  /** The session of a request. Nothing is read, and nothing of the response touched, until it is used. */
  attach(req: IncomingMessage, res: ServerResponse): Session<D>
  /**
   * Writes what has changed of an attached session, before its response begins; `undefined` where there
   * is nothing to wait for. The response does so by itself.
   */
  settle(session: Session<D>): Promise<void> | undefined
  /**
   * The session of a WebSocket's upgrade request, `undefined` if there is none. No cookie can be set on
   * it; what is changed is written by `save()`. Check `Origin` yourself: browsers send cookies along
   * from any page.
   */
  fromUpgrade(req: IncomingMessage): Promise<Session<D> | undefined>
  /** The sessions of a user, the latest seen first. */
  list(userId: string): Promise<SessionInfo[]>
  /** Ends one session; with `userId` only if it is that user's. Says whether there was one. */
  revoke(handle: string, options?: { userId?: string | undefined }): Promise<boolean>
  /** Ends the sessions of a user, but for the one whose handle is `except`. Gives how many. */
  revokeAll(userId: string, options?: { except?: string | undefined }): Promise<number>
  /** Ends all sessions of all users. */
  revokeEveryone(): Promise<void>
  /** Removes all that is kept of a user: sessions, devices, times. */
  erase(userId: string): Promise<void>
  on<E extends keyof SessionEvents>(
    event: E,
    listener: (detail: SessionEvents[E]) => void,
  ): () => void
  close(): Promise<void>
}
