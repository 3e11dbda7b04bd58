import type { Clock, Duration, Random, RedisInput, StandardSchema } from '@hotpath/core'
import type { CookieOptions } from '../cookie/cookie-options.ts'

/** Options of sessions. Wrong ones throw `ERR_OPTION_INVALID`, at once. */
export interface SessionOptions {
  /**
   * What ids are signed with, of 32 characters at least. The first signs; all are accepted, so that
   * secrets can be rotated: `[current, previous]`.
   */
  secret: string | readonly string[]
  /** One Redis for all processes. @defaultValue none: sessions are kept in this process alone */
  redis?: RedisInput | undefined
  /** The first part of every key in Redis. @defaultValue `'hotpath:session'` */
  namespace?: string | undefined
  /** How long a session lasts that nobody uses. @defaultValue `'30m'` */
  idleTimeout?: Duration | undefined
  /** How long a session lasts at most; `false`: for as long as it is used. @defaultValue `'12h'` */
  absoluteTimeout?: Duration | false | undefined
  /** How old an id gets before another replaces it (OWASP: renewal timeout). @defaultValue never */
  renewalTimeout?: Duration | undefined
  /** How long an id that was renewed still leads to its session. @defaultValue `'30s'` */
  renewalGrace?: Duration | undefined
  /** Reads that change nothing note that the session was used no oftener than this. @defaultValue `'1m'`, a tenth of `idleTimeout` at most */
  touchInterval?: Duration | undefined
  /**
   * What becomes of one key that two parallel requests have both changed. `'merge'`: records are merged
   * property by property, of anything else the later write stands. `'reject'`: the later one fails with
   * `ERR_SESSION_CONFLICT` (409). `'last-write'`: the later one stands whole. Different keys never
   * conflict.
   * @defaultValue `'merge'`
   */
  conflict?: 'merge' | 'reject' | 'last-write' | undefined
  /** The oldest session goes when the user begins one more. @defaultValue 100 */
  maxSessionsPerUser?: number | undefined
  /** Its name and attributes. @defaultValue HttpOnly, SameSite=Lax, for this host, until the browser is closed */
  cookie?: CookieOptions | undefined
  /** How long Redis may take to answer. A `RedisLink` of your own keeps its own. @defaultValue `'500ms'` */
  ioTimeout?: Duration | undefined
  /**
   * What becomes of requests with a session while Redis is away. `'reject'`: 503 with Retry-After.
   * `'anonymous'`: they are served as if nobody had logged in; the cookie stays. `'memory'`: sessions
   * seen lately are served from a copy, see `outageGrace`.
   * @defaultValue `'reject'`
   */
  onStoreError?: 'reject' | 'anonymous' | 'memory' | undefined
  /** How long `onStoreError: 'memory'` goes on without Redis. @defaultValue `'5m'` */
  outageGrace?: Duration | undefined
  /** Bounds of what is kept in this process. @defaultValue 100,000 sessions */
  memory?: { maxSessions?: number | undefined } | undefined
  /**
   * Encrypts data, user ids and devices in the store (AES-256-GCM), by keys of 32 characters at least.
   * The first key encrypts, all decrypt.
   * @defaultValue off
   */
  encryption?: { keys: readonly string[] } | undefined
  /**
   * What the data must look like (Standard Schema), all keys together. Checked when it is read and when it
   * is written; with `createSessionManager` it is the type of the data as well.
   * @defaultValue any data
   */
  schema?: StandardSchema | undefined
  /** The version of the data's shape. @defaultValue 1 */
  version?: number | undefined
  /** Brings data of another `version` to the present one. @defaultValue such data is taken as it is */
  migrate?: ((data: Record<string, unknown>, from: number) => Record<string, unknown>) | undefined
  /** Whether a change that comes too late throws (`ERR_SESSION_TOO_LATE`). @defaultValue unless `NODE_ENV` is `production` */
  development?: boolean | undefined
  /** @defaultValue the system's */
  clock?: Clock | undefined
  /** @defaultValue the system's */
  random?: Random | undefined
}
