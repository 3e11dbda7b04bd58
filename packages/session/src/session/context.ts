import type { Events } from '@hotpath/core/base'
import type { CookieSettings } from '../cookie/cookie-options.ts'
import type { Keyring, SessionRef } from '../ids/keyring.ts'
import type { SessionStore, StoreLimits } from '../store/session-store.ts'
import type { Sealer } from '../values/seal.ts'
import type { SessionEvents } from './events.ts'

/** What all sessions of one manager share. */
export interface SessionContext {
  readonly store: SessionStore
  readonly keyring: Keyring
  readonly limits: StoreLimits
  readonly cookie: CookieSettings
  readonly conflict: 'merge' | 'reject' | 'last-write'
  readonly onStoreError: 'reject' | 'anonymous' | 'memory'
  /** 0: never. */
  readonly renewalMs: number
  readonly sealer: Sealer | undefined
  readonly version: number
  readonly migrate:
    | ((data: Record<string, unknown>, from: number) => Record<string, unknown>)
    | undefined
  /** Gives what the schema makes of the data, or throws. */
  readonly validate:
    | ((data: Record<string, unknown>) => Promise<Record<string, unknown>>)
    | undefined
  readonly isDevelopment: boolean
  readonly events: Events<SessionEvents>
}

/** The public name of a session: it opens nothing, and tells nobody its id. */
export function handleOf({ shard, hash }: SessionRef): string {
  return shard + hash
}

/** Where a handle leads; `undefined` for what is none. */
export function parseHandle(handle: string): SessionRef | undefined {
  const [, shard, hash] = /^([0-9a-f]{2})([A-Za-z0-9_-]{43})$/.exec(handle) ?? []
  return shard === undefined || hash === undefined ? undefined : { shard, hash }
}
