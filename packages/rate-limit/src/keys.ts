import { hash } from 'node:crypto'
import type { Policy } from './options-schema.ts'

/** Where a limiter keeps things. */
interface Place {
  /** In the limiter's own memory there is nobody else, and short names do. */
  readonly isInRedis: boolean
  /** Whether policies have keys of their own. */
  readonly isShared: boolean
  /** Whether there is one policy, and never another. */
  readonly isAlone: boolean
}

/**
 * The names under which a limiter keeps things in Redis.
 *
 *     <namespace>:{<client>}:r:<policy>     how much a client has used
 *     <namespace>:{<client>}:b              its refusals and bans
 *
 * Clients are hashed there, in memory those with long names. All keys of one decision are in one slot
 * of a Cluster: where policies have keys of their own, the limiter's all are.
 */
export class KeyNames {
  readonly #namespace: string
  readonly #prefix: string
  readonly #end: string
  readonly #isHashed: boolean
  /** Nothing but clients is to be told apart, whose names are ready to be looked up as they are. */
  readonly #isPlain: boolean

  constructor(namespace: string, { isInRedis, isShared, isAlone }: Place) {
    this.#namespace = escapePart(namespace)
    this.#isHashed = isInRedis
    this.#isPlain = isAlone && !isInRedis && !isShared
    const opened = `${this.#namespace}:{`
    this.#prefix = isShared ? `${opened}limits}:` : opened
    this.#end = isShared ? '' : '}'
  }

  /** What all names of a client begin with. */
  base(client: string): string {
    return this.#isHashed ? this.#prefix + hashOf(client) + this.#end : shortened(client)
  }

  ban(base: string): string {
    return this.#isPlain ? base : `${base}:b`
  }

  /**
   * What comes after the base for a policy: another limit or window is another count, so that policies
   * that differ never mix theirs up.
   */
  suffix(policy: Policy<never>): string {
    if (this.#isPlain) return ''
    const { name, algorithm, windowMs, buckets, limit, burst } = policy
    const fixed = typeof limit === 'number' ? limit : 'own'
    const shape = [algorithm, windowMs, buckets, fixed, burst ?? fixed].join('.')
    return `:r:${escapePart(name)}:${shape}`
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
  return hash('sha256', Buffer.from(client, 'utf16le'), 'base64url').slice(0, 22)
}

/** No glob characters, braces or colons, and no two texts alike. */
function escapePart(text: string): string {
  return text.replace(
    /[^A-Za-z0-9_.-]/g,
    (unit) => `%${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
