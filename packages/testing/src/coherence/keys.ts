import type { KeyTraits } from './driver.ts'

const KEYS = 96
/** Half of the keys have a tag. */
const TAGS = 12
/** Every so many keys, one that lives for so short a time that it ends by itself again and again. */
const SHORT_LIVED_EVERY = 8
const SHORT_TTL_MS = 700
const LONG_TTL_MS = 600_000
/** Every so many keys, one that a single process writes, so that it may put values as well. */
const OWNED_EVERY = 3

/** Memory holds fewer than there are, so that some reads go on to Redis. */
export const MEMORY_ENTRIES = 64

/** All keys of a run, the most read ones first. */
export const ALL_KEYS: readonly string[] = Array.from(
  { length: KEYS },
  (_, index) => `key:${index}`,
)

export function traitsOf(key: string): KeyTraits {
  const index = indexOf(key)
  const ttlMs = index % SHORT_LIVED_EVERY === 5 ? SHORT_TTL_MS : LONG_TTL_MS
  const tag = tagOf(key)
  return { key, ttlMs, tags: tag === undefined ? [] : [tag] }
}

export function tagOf(key: string): string | undefined {
  const index = indexOf(key)
  return index % 2 === 0 ? `tag:${(index / 2) % TAGS}` : undefined
}

export function keysOfTag(tag: string): string[] {
  return ALL_KEYS.filter((key) => tagOf(key) === tag)
}

/**
 * The only place that writes a key, as an index; `undefined` where all may. To put a value is safe
 * for who writes alone: of two who race each other to a cache, the older may come last.
 */
export function ownerOf(key: string, places: number): number | undefined {
  const index = indexOf(key)
  return index % OWNED_EVERY === 0 ? (index / OWNED_EVERY) % places : undefined
}

function indexOf(key: string): number {
  return Number(key.slice(key.indexOf(':') + 1))
}
