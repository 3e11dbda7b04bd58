import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Random } from '@hotpath/core'
import { LRUCache } from 'lru-cache'

const ID_BYTES = 32
/** Cookies that were verified lately need not be verified again. */
const MOST_VERIFIED = 10_000
/** The first byte is the shard: sessions spread over 256 slots of a Cluster, a user's in one of them. */
const TOKEN = /^([0-9a-f]{2})([A-Za-z0-9_-]{43})\.([A-Za-z0-9_-]{43})$/

/** Where a session is in the store: nothing in it helps anybody to a cookie. */
export interface SessionRef {
  /** In one slot of a Cluster with all that has the same. */
  readonly shard: string
  /** A keyed hash of the id. */
  readonly hash: string
}

/** A session's secret id and where it is. */
export interface SessionId extends SessionRef {
  readonly secret: string
}

/** Where a user's sessions are noted. */
export interface UserRef {
  readonly shard: string
  readonly hash: string
}

/** All that is done with the secrets: ids are signed, hashed and recognised. */
export interface Keyring {
  /** A new id of 256 random bits; in the user's shard, if there is one. */
  newId(user?: UserRef): SessionId
  /** A further id in the same shard, for the same session. */
  renewId(id: SessionRef): SessionId
  /** The value of the cookie. */
  format(id: SessionId): string
  /** The id that a value was made for; none if it is forged. */
  parse(value: string): SessionId | undefined
  /** Where a user's sessions may be noted: one per secret, the current first. */
  userRefs(userId: string): readonly UserRef[]
  /** A token that only one who has this session's cookie can have. */
  mac(purpose: string, id: SessionId): string
}

/**
 * Signs by the first secret and accepts any. The keyed hash in the store is made with the secret that
 * has signed, so a session made under an old secret is found as long as that is in the list.
 */
export function createKeyring(secrets: readonly string[], random: Random): Keyring {
  const [current] = secrets
  if (current === undefined) throw new TypeError('A keyring without a secret')
  const verified = new LRUCache<string, SessionId>({ max: MOST_VERIFIED })
  const signedBy = new WeakMap<SessionId, string>()
  const adopt = (signer: string, shard: string, secret: string): SessionId => {
    const id = { shard, secret, hash: mac(signer, 'hash', shard + secret) }
    signedBy.set(id, signer)
    return id
  }
  const make = (shard: string): SessionId => {
    const secret = Buffer.from(random.token(ID_BYTES), 'hex').toString('base64url')
    return adopt(current, shard, secret)
  }
  return {
    newId: (user) => make(user?.shard ?? random.token(1)),
    renewId: ({ shard }) => make(shard),
    format(id) {
      const text = id.shard + id.secret
      return `${text}.${mac(signedBy.get(id) ?? current, 'sign', text)}`
    },
    parse(value) {
      const known = verified.get(value)
      if (known !== undefined) return known
      const [, shard, secret, signature] = TOKEN.exec(value) ?? []
      if (shard === undefined || secret === undefined || signature === undefined) return undefined
      const signer = secrets.find((one) => isEqual(mac(one, 'sign', shard + secret), signature))
      if (signer === undefined) return undefined
      const id = adopt(signer, shard, secret)
      verified.set(value, id)
      return id
    },
    userRefs: (userId) => secrets.map((secret) => userRef(secret, userId)),
    mac: (purpose, id) => mac(signedBy.get(id) ?? current, purpose, id.secret),
  }
}

function mac(key: string, purpose: string, text: string): string {
  return createHmac('sha256', key).update(`${purpose}:${text}`).digest('base64url')
}

function userRef(key: string, userId: string): UserRef {
  const hash = mac(key, 'user', userId)
  return { shard: Buffer.from(hash, 'base64url').subarray(0, 1).toString('hex'), hash }
}

/** In constant time: how much of a forged signature was right must not show. */
export function isEqual(expected: string, given: string): boolean {
  const [left, right] = [Buffer.from(expected), Buffer.from(given)]
  return left.length === right.length && timingSafeEqual(left, right)
}
