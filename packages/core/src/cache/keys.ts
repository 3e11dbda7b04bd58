import { createHash } from 'node:crypto'

/** Longer keys are told apart by their hash. */
export const LONGEST_KEY = 500

const SAFE = /^[A-Za-z0-9_:.@|=&+~!$;^-]*$/
const UNSAFE = /[^A-Za-z0-9_:.@|=&+~!$;^-]/g

const HASH_SIGN = 0x23

/**
 * The key by which a value is known inside: the user's own unless it is long, or could be taken for
 * the hash of one that is.
 */
export function internalKey(key: string): string {
  if (key.length <= LONGEST_KEY && key.charCodeAt(0) !== HASH_SIGN) return key
  return `#${sha256(key)}`
}

/** UTF-16, so that even keys which are no well-formed text are told apart. */
function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf16le').digest('base64url')
}

/**
 * Writes any text so that it is one part of a Redis key: no braces (they choose the Cluster slot),
 * no glob characters, and no two texts alike. Reversible by {@link unescapePart}.
 */
export function escapePart(text: string): string {
  return SAFE.test(text) ? text : text.replace(UNSAFE, escapeUnit)
}

function escapeUnit(unit: string): string {
  const code = unit.charCodeAt(0)
  return code < 0x100
    ? `%${code.toString(16).padStart(2, '0')}`
    : `%u${code.toString(16).padStart(4, '0')}`
}

export function unescapePart(text: string): string {
  return text.replace(/%u([0-9a-f]{4})|%([0-9a-f]{2})/g, (_, wide?: string, narrow?: string) =>
    String.fromCharCode(Number.parseInt(wide ?? (narrow as string), 16)),
  )
}

/** What a Redis key of ours stands for. */
export type Meaning =
  | { kind: 'value'; path: string; key: string }
  | { kind: 'tag'; tag: string }
  | { kind: 'era'; path: string }

const MEANING = /^((?:\/[^/:{}]+)*):\{([^{}]*)\}:(?:([ve])|t:(.*))$/

/**
 * The names under which one cache keeps things in Redis.
 *
 *     <namespace>:{<key>}:v         a value          <namespace>:{<key>}:l    its lease
 *     <namespace>:{era}:e           the era          <namespace>:{era}:n      the epoch
 *     <namespace>:{era}:t:<tag>     a tag's record   <namespace>:{era}:r      tags invalidated lately
 *     <namespace>/<inner>:{...}:v   the same inside cache.namespace(inner)
 *
 * Tags share a slot with the epoch, for a record and the epoch that it tells of change in one step.
 * Paths are the inner names joined by `/`, escaped; the root's is empty.
 */
export class KeySpace {
  readonly #root: string

  constructor(namespace: string) {
    this.#root = escapePart(namespace)
  }

  value(path: string, key: string): string {
    return `${this.#root}${path}:{${escapePart(key)}}:v`
  }

  lease(path: string, key: string): string {
    return `${this.#root}${path}:{${escapePart(key)}}:l`
  }

  tag(tag: string): string {
    return `${this.#root}:{era}:t:${escapePart(internalKey(tag))}`
  }

  era(path: string): string {
    return `${this.#root}${path}:{era}:e`
  }

  /** In the slot of the root's era. */
  epoch(): string {
    return `${this.#root}:{era}:n`
  }

  /** The tags invalidated most recently, by epoch. In the same slot. */
  recent(): string {
    return `${this.#root}:{era}:r`
  }

  /** The channel on which changes are told. Not a key, but named like one. */
  channel(): string {
    return `${this.#root}:{era}:c`
  }

  /** Prefixes that all keys of this cache have and no keys of another. */
  get prefixes(): string[] {
    return [`${this.#root}:{`, `${this.#root}/`]
  }

  /** The reverse, for keys that Redis names in an invalidation; `undefined` for what is not ours. */
  parse(redisKey: string): Meaning | undefined {
    if (!redisKey.startsWith(this.#root)) return undefined
    const match = MEANING.exec(redisKey.slice(this.#root.length))
    if (match === null) return undefined
    const [, path = '', part = '', suffix, tag] = match
    if (tag !== undefined) return { kind: 'tag', tag: unescapePart(tag) }
    return suffix === 'e' ? { kind: 'era', path } : { kind: 'value', path, key: unescapePart(part) }
  }
}
