/**
 * What sessions hold. Add your own keys to have them typed everywhere.
 *
 * @example
 * ```ts
 * import type {} from '@hotpath/session'
 *
 * declare module '@hotpath/session' {
 *   interface SessionData { cart: string[] }
 * }
 * ```
 */
export interface SessionData {
  [key: string]: unknown
}

type Key<D> = keyof D & string

/** The session of one request. Nothing is read from the store until something is asked of it. */
export interface Session<D extends object = SessionData> {
  /** The session's public name (a keyed hash of its id), `undefined` while there is none. Safe to log. */
  readonly id: string | undefined
  /** The value of a key, `undefined` for none. What is changed inside of it is noticed and written. */
  get<K extends Key<D>>(key: K): Promise<D[K] | undefined>
  /** All keys and values. */
  all(): Promise<Partial<D>>
  /** Writes a key when the response begins. Throws `ERR_SESSION_VALUE` for what is no data. */
  set<K extends Key<D>>(key: K, value: D[K]): void
  /**
   * Writes what `change` makes of the value, at once, and again if another request came between:
   * no update is lost. Gives the new value. `undefined` from `change` removes the key.
   */
  update<K extends Key<D>>(
    key: K,
    change: (value: D[K] | undefined) => D[K] | undefined | Promise<D[K] | undefined>,
  ): Promise<D[K] | undefined>
  unset(key: Key<D>): void
  /**
   * With a message: adds it for the next time that somebody asks. Without: gives the messages since
   * then, each once.
   */
  flash(key: string, message?: unknown): Promise<unknown[]>
  /** Whose session it is; `undefined` when nobody has logged in. */
  userId(): Promise<string | undefined>
  /**
   * Makes it the user's, under a new id; the old one is ended at once. Data is kept, unless another
   * user was logged in; `keep` names the keys instead.
   */
  login(
    userId: string,
    options?: { device?: string | undefined; keep?: readonly Key<D>[] | undefined },
  ): Promise<void>
  /** Ends the session everywhere; what is set afterwards begins a new one. */
  logout(): Promise<void>
  /** Gives the session another id and ends the old one at once. `keep` names the keys that stay. @defaultValue all */
  regenerate(options?: { keep?: readonly Key<D>[] | undefined }): Promise<void>
  /** The same as {@link logout}. */
  destroy(): Promise<void>
  /** Begins the idle time anew, whatever `touchInterval` says. */
  touch(): Promise<void>
  /** Writes what has changed now, rather than when the response begins. */
  save(): Promise<void>
  /** Forgets what has changed and reads the store again when next asked. */
  reload(): Promise<void>
  /** A token for forms, bound to this session; another text each time (against BREACH). */
  csrfToken(): Promise<string>
  /** Whether a token is one of this session's; compared in constant time. */
  verifyCsrf(token: unknown): Promise<boolean>
}
