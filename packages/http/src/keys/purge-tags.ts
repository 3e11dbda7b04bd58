import { fingerprint } from './fingerprint.ts'
import { splitTarget } from './request-target.ts'

/** How deep prefixes can be purged: what lies deeper is purged from there on. */
const DEEPEST_PREFIX = 4

/** Longer ones are told apart by their hash. */
const LONGEST_NAME = 200

/**
 * The tags that each stored response carries so that it can be purged by its URL, in any variant and
 * partition, and by any path above it.
 */
export function tagsOfTarget(target: string): string[] {
  const { path, query } = parseTarget(target)
  const tags = [tagOfUrl(path, query)]
  let prefix = ''
  for (const segment of segmentsOf(path).slice(0, DEEPEST_PREFIX)) {
    prefix += `/${segment}`
    tags.push(underTag(prefix))
  }
  return tags
}

/** The tag of everything stored for one URL, whatever its host: a path with its query, or a whole URL. */
export function urlTag(url: string): string {
  const { path, query } = parseTarget(url)
  return tagOfUrl(path, query)
}

function tagOfUrl(path: string, query: string | undefined): string {
  return `http:url:${fingerprint(query === undefined ? path : `${path}?${query}`, LONGEST_NAME)}`
}

/** The tag of everything stored at a path or below it; `undefined` for the root, which is everything. */
export function prefixTag(prefix: string): string | undefined {
  const segments = segmentsOf(parseTarget(prefix).path).slice(0, DEEPEST_PREFIX)
  return segments.length === 0 ? undefined : underTag(`/${segments.join('/')}`)
}

function underTag(prefix: string): string {
  return `http:under:${fingerprint(prefix, LONGEST_NAME)}`
}

function segmentsOf(path: string): string[] {
  return path.split('/').filter((segment) => segment !== '')
}

/** Segments of unreserved characters that begin with no dot: a path that has one spelling only. */
const PLAIN_PATH = /^(?:\/(?:[A-Za-z0-9_~-][A-Za-z0-9_~.-]*)?)+$/

/** One spelling for paths that differ in their escapes or dots: purging may reach too far, never too short. */
function parseTarget(target: string): { path: string; query: string | undefined } {
  const { path, query } = splitTarget(target)
  if (PLAIN_PATH.test(path)) return { path, query }
  const base = 'http://host'
  // `//host/path` as a request target is a path.
  const reference = path.startsWith('/') ? `${base}${path}` : path
  if (!URL.canParse(reference, base)) return { path, query }
  return { path: decode(new URL(reference, base).pathname), query }
}

function decode(path: string): string {
  try {
    return decodeURI(path)
  } catch {
    return path
  }
}
