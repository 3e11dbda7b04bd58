import { createHash } from 'node:crypto'
import type { Policy } from './options-schema.ts'

/**
 * The names under which a limiter keeps things.
 *
 *     <namespace>:{<client>}:r:<policy>     how much a client has used
 *     <namespace>:{<client>}:b              its refusals and bans
 *
 * Clients are hashed. All keys of one decision are in one slot of a Cluster: where policies have keys
 * of their own, the limiter's all are.
 */
export class KeyNames {
  readonly #namespace: string

  constructor(namespace: string) {
    this.#namespace = escapePart(namespace)
  }

  ban(client: string, isShared: boolean): string {
    return `${this.#base(client, isShared)}:b`
  }

  /** Another limit or window is another count: policies that differ never mix theirs up. */
  policy(client: string, isShared: boolean, policy: Policy<never>): string {
    const { name, algorithm, windowMs, buckets, limit, burst } = policy
    const fixed = typeof limit === 'number' ? limit : 'own'
    const shape = [algorithm, windowMs, buckets, fixed, burst ?? fixed].join('.')
    return `${this.#base(client, isShared)}:r:${escapePart(name)}:${shape}`
  }

  /** Of the set of live instances. */
  instances(): string {
    return `${this.#namespace}:{instances}:i`
  }

  #base(client: string, isShared: boolean): string {
    const hash = createHash('sha256').update(client, 'utf16le').digest('base64url').slice(0, 22)
    return isShared ? `${this.#namespace}:{limits}:${hash}` : `${this.#namespace}:{${hash}}`
  }
}

/** No glob characters, braces or colons, and no two texts alike. */
function escapePart(text: string): string {
  return text.replace(
    /[^A-Za-z0-9_.-]/g,
    (unit) => `%${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
