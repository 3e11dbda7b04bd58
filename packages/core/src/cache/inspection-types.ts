/**
 * What a copy of a value is good for.
 *
 * - `fresh`; `stale`: served while it is refreshed behind; `stale-if-error`: served if its loader
 *   fails; `expired`: of no use any more
 * - `invalid`: invalidated since it was loaded
 * - `unknown`: whether it was invalidated only Redis can tell, which the next read asks
 * - `unvouched`: memory has not heard of others for longer than `coherenceGrace`
 */
export type CopyState =
  | 'fresh'
  | 'stale'
  | 'stale-if-error'
  | 'expired'
  | 'invalid'
  | 'unknown'
  | 'unvouched'

/** Why a copy may not be served as it is. */
export type InvalidatedBy =
  /** `clear()`: the namespace is in another era than the one in which the copy was loaded. */
  | { readonly kind: 'clear'; readonly loadedIn: string; readonly present?: string | undefined }
  /**
   * A tag: deleted or expired in a later epoch than the one in which the copy was loaded, or without
   * a record, which counts as deleted.
   */
  | {
      readonly kind: 'tag'
      readonly tag: string
      readonly effect: 'deleted' | 'expired' | 'no-record'
      readonly loadedIn: number
      readonly deletedIn?: number | undefined
      readonly expiredIn?: number | undefined
    }
  /** An invalidation made here that Redis has not heard of yet. */
  | { readonly kind: 'pending' }
  /** Another definition of the same name has made it, by another schema. */
  | { readonly kind: 'definition' }

/** What this process's memory has of a key. Times are this process's clock. */
export type MemoryInspection =
  /** The cache has no memory tier. */
  | { readonly status: 'off' }
  | { readonly status: 'absent' }
  | {
      readonly status: 'present'
      readonly state: CopyState
      /** It would have heard of every invalidation until now. */
      readonly isVouchedFor: boolean
      readonly createdAtMs: number
      readonly freshUntilMs: number
      readonly revalidateUntilMs: number
      readonly usableOnErrorUntilMs: number
      /** When this copy came into memory. */
      readonly storedAtMs: number
      readonly bytes: number
      readonly tags: readonly string[]
      readonly invalidatedBy: readonly InvalidatedBy[]
    }

/** Leave to load a key, held by some process. */
export interface LeaseInspection {
  /** The cache that holds it: a random name that it was given when it was made. */
  readonly holder: string
  /** That cache is the one that was asked. */
  readonly isOurs: boolean
  /** After that it is taken for dead. */
  readonly expiresInMs: number
}

/** What Redis has of a key. */
export type RedisInspection =
  /** There is no Redis. */
  | { readonly status: 'off' }
  /** It is away, or too slow. */
  | { readonly status: 'unavailable' }
  | { readonly status: 'absent'; readonly lease: LeaseInspection | undefined }
  /** Bytes that are no entry, are damaged, or of a later version: a miss. */
  | {
      readonly status: 'unreadable'
      readonly because: string
      readonly bytes: number
      readonly expiresInMs: number
      readonly lease: LeaseInspection | undefined
    }
  | {
      readonly status: 'present'
      readonly state: CopyState
      /** Negative when it is stale. */
      readonly freshForMs: number
      /** When Redis forgets it. */
      readonly expiresInMs: number
      /** Of the wire format, see docs/wire-format.md. */
      readonly version: number
      readonly kind: string
      readonly compression: string
      /** All that lies under the key. */
      readonly bytes: number
      readonly tags: readonly string[]
      readonly invalidatedBy: readonly InvalidatedBy[]
      readonly lease: LeaseInspection | undefined
    }

/** A load under way in this process. */
export interface LoadInspection {
  readonly startedAtMs: number
  /** Callers that wait for it. */
  readonly waiters: number
  /** A stale value was served, and this refreshes it. */
  readonly isBackground: boolean
}

/** What each tier knows of a key: plain data, for people and for tests. */
export interface Inspection {
  readonly key: string
  /** The cache's and those inside it: `shop`, `shop/users`. */
  readonly namespace: string
  /** The key's name in Redis; `undefined` without Redis. */
  readonly redisKey: string | undefined
  readonly memory: MemoryInspection
  readonly redis: RedisInspection
  readonly load: LoadInspection | undefined
  /** A refresh has failed lately, and none is tried again for a moment. */
  readonly isBackingOff: boolean
}
