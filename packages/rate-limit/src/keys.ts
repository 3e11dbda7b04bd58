import { createHash } from 'node:crypto'
import type { Policy } from './options-schema.ts'

/**
 * The names under which a limiter keeps things.
 *
 *     <namespace>:{<client>}:r:<policy>     how much a client has used
 *     <namespace>:{<client>}:b              its refusals and bans
 *
 * Clients are hashed, in memory those with long names. All keys of one decision are in one slot of a Cluster: where policies have keys
 * of their own, the limiter's all are.
 */
export class KeyNames {
  readonly #namespace: string
  readonly #isHashed: boolean
  readonly #suffixes = new WeakMap<object, string>()

  /** In memory short clients are as they are. */
  constructor(namespace: string, isHashed: boolean) {
    this.#namespace = escapePart(namespace)
    this.#isHashed = isHashed
  }

  /** What all names of a client begin with. */
  base(client: string, isShared: boolean): string {
    const part = this.#isHashed ? hashOf(client) : shortened(client)
    return isShared ? `${this.#namespace}:{limits}:${part}` : `${this.#namespace}:{${part}}`
  }

  ban(base: string): string {
    return `${base}:b`
  }

  /** Another limit or window is another count: policies that differ never mix theirs up. */
  policy(base: string, policy: Policy<never>): string {
    let suffix = this.#suffixes.get(policy)
    if (suffix === undefined) {
      const { name, algorithm, windowMs, buckets, limit, burst } = policy
      const fixed = typeof limit === 'number' ? limit : 'own'
      const shape = [algorithm, windowMs, buckets, fixed, burst ?? fixed].join('.')
      suffix = `:r:${escapePart(name)}:${shape}`
      this.#suffixes.set(policy, suffix)
    }
    return base + suffix
  }

  /** A pattern of what all clients have used of policies of this name and limit. */
  everyone(name: string, limit: number): string {
    return `${this.#namespace}:{*}:r:${escapePart(name)}:*.${limit}.${limit}`
  }

  /** Of the set of live instances. */
  instances(): string {
    return `${this.#namespace}:{instances}:i`
  }
}

/** However long a client's name is, and a client may choose it, little is remembered of it. */
const LONGEST_PLAIN = 64

function shortened(client: string): string {
  return client.length <= LONGEST_PLAIN && !client.startsWith('#') ? client : `#${hashOf(client)}`
}

function hashOf(client: string): string {
  return createHash('sha256').update(client, 'utf16le').digest('base64url').slice(0, 22)
}

/** No glob characters, braces or colons, and no two texts alike. */
function escapePart(text: string): string {
  return text.replace(
    /[^A-Za-z0-9_.-]/g,
    (unit) => `%${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
