import type { SessionRef, UserRef } from '../ids/keyring.ts'

/** How long things last, in milliseconds, and how many sessions a user has; 0 is none. */
export interface StoreLimits {
  readonly idleMs: number
  /** 0: no end but the idle one. */
  readonly absoluteMs: number
  /** A session read more often than this is written no oftener. */
  readonly touchMs: number
  /** How long the id before a renewal still leads to the session. */
  readonly graceMs: number
  /** How long an ended session is told from one that never was. */
  readonly tombstoneMs: number
  readonly maxPerUser: number
}

/** A value as it is stored, and the revision of the session in which it was. */
export interface StoredField {
  readonly revision: number
  readonly text: string
}

/** A session as the store has it. Times are of the store's own clock. */
export interface LiveSession {
  readonly nowMs: number
  readonly createdMs: number
  readonly touchedMs: number
  readonly renewedMs: number
  /** The absolute end, 0 for none. */
  readonly endsMs: number
  readonly schemaVersion: number
  readonly userHash: string | undefined
  /** The user's id, as the manager wrote it. */
  readonly owner: string | undefined
  readonly device: string | undefined
  readonly fields: ReadonlyMap<string, StoredField>
}

/** `replaced`: the browser has been given another id, or is about to be. */
export type Because = 'missing' | 'ended' | 'replaced' | 'revoked'

export type Found =
  | { readonly kind: 'live'; readonly session: LiveSession }
  | { readonly kind: 'gone'; readonly because: Because }
  /** The id was replaced a moment ago; who has it can open the seal and find the new one. */
  | { readonly kind: 'renewed'; readonly sealed: string }
  /** An id that was replaced long ago: the session it led to has been ended. */
  | { readonly kind: 'stolen'; readonly hash: string }

/** One key of one commit. Without `expected` it is written whatever is there. */
export interface Change {
  readonly key: string
  /** `undefined` removes it. */
  readonly text: string | undefined
  /** The revision that it was made from; 0 for a key that was not there. */
  readonly expected: number | undefined
}

export type Committed =
  | { readonly kind: 'done'; readonly revision: number }
  /** Nothing was written; what is there now instead of what was expected. */
  | { readonly kind: 'conflict'; readonly current: ReadonlyMap<string, StoredField | undefined> }
  | { readonly kind: 'gone'; readonly because: Because }

export interface NewSession {
  readonly user: UserRef | undefined
  readonly owner: string
  readonly device: string
  readonly schemaVersion: number
  readonly fields: ReadonlyMap<string, string>
}

export interface Move {
  readonly to: SessionRef
  /** The new id, sealed for who has the old one: it leads to the session for the grace period. */
  readonly sealed: string | undefined
  /** Keys that are kept; `undefined` for all. */
  readonly keep: readonly string[] | undefined
}

export interface EndHow {
  readonly owners?: readonly UserRef[] | undefined
  readonly isReplaced?: boolean | undefined
}

export interface ListedSession {
  readonly hash: string
  readonly createdMs: number
  readonly touchedMs: number
  readonly device: string
}

/**
 * Where sessions are kept. A session is never made but by `create`, under an id that is new: whatever
 * else comes too late finds nothing and changes nothing. What is asked at each request is answered at
 * once where it can be.
 */
export interface SessionStore {
  /** Reads a session and, if it was last touched long enough ago, notes that it was used. */
  load(ref: SessionRef, touch?: 'now' | undefined): Found | Promise<Found>
  /** Gives the hashes of sessions that had to go: the user's oldest beyond `maxPerUser`. */
  create(ref: SessionRef, session: NewSession): Promise<readonly string[]>
  /** Writes changed keys, all or none. */
  commit(
    ref: SessionRef,
    changes: readonly Change[],
    schemaVersion: number,
  ): Committed | Promise<Committed>
  /** Gives a session another id. `already`: somebody else just has. */
  move(ref: SessionRef, move: Move): Promise<'done' | 'already' | 'gone'>
  /** Ends a session; only one of `owners`, if given. Gives the hash that it had, if there was one. */
  end(ref: SessionRef, how?: EndHow): Promise<string | undefined>
  list(user: UserRef): Promise<readonly ListedSession[]>
  /** Ends all sessions of a user but one; gives how many. */
  endAll(user: UserRef, except: string | undefined): Promise<number>
  /** Ends all sessions of all. */
  endEveryone(): Promise<void>
  close(): Promise<void>
}
