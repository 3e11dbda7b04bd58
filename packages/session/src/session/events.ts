/** What a session manager tells. Sessions are named by their handles only, which open nothing. */
export interface SessionEvents {
  login: { handle: string }
  logout: { handle: string }
  /** The user's oldest session had to go for a new one (`maxSessionsPerUser`). */
  evicted: { handle: string }
  /** An id was used that had been replaced long before: somebody has a copy. The session was ended. */
  theft: { handle: string }
  /** Two valid cookies of one name: which one is the browser's own cannot be told, neither was used. */
  duplicateCookies: { count: number }
  /** A change that could not be written, and why. */
  lost: { handle: string | undefined; because: 'head-sent' | 'gone' | 'store-down' }
  /** A stored value that could not be read, or did not fit the schema; it reads as not there. */
  unreadable: { handle: string | undefined; key: string }
  /** Once per change. */
  state: { state: 'up' | 'down'; cause: unknown }
}
