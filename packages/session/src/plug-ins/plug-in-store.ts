/** A session of another middleware: its cookie apart from the rest, which a touch leaves alone. */
export interface StoredText {
  /** JSON. */
  readonly cookie: string
  /** JSON of an object without the cookie. */
  readonly rest: string
}

/** Where the plug-ins keep what they are given. Times are milliseconds. */
export interface PlugInStore {
  get(sid: string): Promise<StoredText | undefined>
  set(sid: string, text: StoredText, ttlMs: number): Promise<void>
  /** Lengthens the life of a session that is there, and replaces its cookie. */
  touch(sid: string, cookie: string | undefined, ttlMs: number): Promise<void>
  destroy(sid: string): Promise<void>
  /** Of all sessions that have not expired. */
  ids(): Promise<string[]>
  clear(): Promise<void>
  /** Tells of Redis's comings and goings. */
  onState(listener: (state: 'up' | 'down') => void): void
  close(): Promise<void>
}

/** What a middleware keeps, as text. Throws for what JSON cannot carry. */
export function formatSession(session: object): StoredText {
  const { cookie, ...rest } = JSON.parse(JSON.stringify(session)) as Record<string, unknown>
  return { cookie: JSON.stringify(cookie ?? {}), rest: JSON.stringify(rest) }
}

/** `undefined` for bytes that are none of ours. */
export function parseSession({ cookie, rest }: StoredText): Record<string, unknown> | undefined {
  try {
    const session = { cookie: JSON.parse(cookie), ...JSON.parse(rest) } as Record<string, unknown>
    return typeof session.cookie === 'object' && session.cookie !== null ? session : undefined
  } catch {
    return undefined
  }
}
