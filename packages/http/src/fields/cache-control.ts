import { parseDeltaSeconds } from './delta-seconds.ts'
import { splitList } from './list.ts'

/** One directive as it was written; its name in lower case. */
export interface Directive {
  readonly name: string
  /** What follows `=`, unquoted; `undefined` when there is no `=`. */
  readonly argument: string | undefined
}

/**
 * What a response's Cache-Control says (RFC 9111 section 5.2.2).
 *
 * What is malformed or contradictory is taken in its strict form: a restriction with an odd argument
 * still restricts, a lifetime that is no number is 0, of two different lifetimes the shorter counts,
 * and a permission must be spelled exactly.
 */
export interface ResponseDirectives {
  /** Whether there is any directive at all, known or not. */
  readonly isPresent: boolean
  readonly maxAgeMs: number | undefined
  readonly sMaxAgeMs: number | undefined
  readonly noStore: boolean
  /** Unqualified: the whole response. */
  readonly noCache: boolean
  /** Unqualified: the whole response. */
  readonly isPrivate: boolean
  /** Fields named by `private="..."` and `no-cache="..."`: not to be kept, in lower case. */
  readonly fieldsNotKept: readonly string[]
  readonly isPublic: boolean
  readonly mustRevalidate: boolean
  /** It must never be served stale: s-maxage says so too (RFC 9111 section 4.2.4). */
  readonly forbidsStale: boolean
  readonly mustUnderstand: boolean
  /** RFC 5861 section 3. */
  readonly staleWhileRevalidateMs: number | undefined
  /** RFC 5861 section 4. */
  readonly staleIfErrorMs: number | undefined
}

/** What a request's Cache-Control says (RFC 9111 section 5.2.1). */
export interface RequestDirectives {
  readonly noStore: boolean
  readonly noCache: boolean
  readonly onlyIfCached: boolean
  readonly maxAgeMs: number | undefined
  readonly minFreshMs: number | undefined
  /** How stale it may be; infinity for `max-stale` alone. */
  readonly maxStaleMs: number | undefined
}

/** Reads the directives of a Cache-Control value, in their order. Never throws. */
export function parseDirectives(value: string | undefined): Directive[] {
  return value === undefined ? [] : splitList(value).map(parseDirective)
}

const FORBIDDING_STALE = ['must-revalidate', 'proxy-revalidate', 'no-cache', 's-maxage']

let latest: { readonly value: string | undefined; readonly directives: ResponseDirectives } = {
  value: undefined,
  directives: readDirectives([]),
}

/** Reads a response's Cache-Control. Most say what the one before has said, which is not read again. */
export function parseResponseDirectives(value: string | undefined): ResponseDirectives {
  if (value !== latest.value) latest = { value, directives: readDirectives(parseDirectives(value)) }
  return latest.directives
}

/** What directives say, wherever they stand. */
export function readDirectives(directives: readonly Directive[]): ResponseDirectives {
  return {
    isPresent: directives.length > 0,
    maxAgeMs: lifetime(directives, 'max-age'),
    sMaxAgeMs: lifetime(directives, 's-maxage'),
    noStore: has(directives, 'no-store'),
    noCache: hasUnqualified(directives, 'no-cache'),
    isPrivate: hasUnqualified(directives, 'private'),
    fieldsNotKept: [...qualifiers(directives, 'no-cache'), ...qualifiers(directives, 'private')],
    isPublic: hasExactly(directives, 'public'),
    mustRevalidate: hasExactly(directives, 'must-revalidate'),
    forbidsStale: FORBIDDING_STALE.some((name) => has(directives, name)),
    mustUnderstand: hasExactly(directives, 'must-understand'),
    staleWhileRevalidateMs: lifetime(directives, 'stale-while-revalidate'),
    staleIfErrorMs: lifetime(directives, 'stale-if-error'),
  }
}

/** Reads a request's Cache-Control, and Pragma where there is none (RFC 9111 section 5.4). */
export function parseRequestDirectives(
  cacheControl: string | undefined,
  pragma: string | undefined,
): RequestDirectives {
  const directives = parseDirectives(cacheControl ?? pragma)
  return {
    noStore: has(directives, 'no-store'),
    noCache: has(directives, 'no-cache'),
    onlyIfCached: has(directives, 'only-if-cached'),
    maxAgeMs: lifetime(directives, 'max-age'),
    minFreshMs: lifetime(directives, 'min-fresh'),
    maxStaleMs: hasExactly(directives, 'max-stale')
      ? Number.POSITIVE_INFINITY
      : lifetime(directives, 'max-stale'),
  }
}

function parseDirective(member: string): Directive {
  const equals = member.indexOf('=')
  if (equals < 0) return { name: member.toLowerCase(), argument: undefined }
  const name = member.slice(0, equals).trim().toLowerCase()
  return { name, argument: unquote(member.slice(equals + 1)) }
}

function unquote(argument: string): string {
  const [, inner] = /^"((?:\\.|[^"\\])*)"$/.exec(argument) ?? []
  return inner === undefined ? argument : inner.replace(/\\(.)/g, '$1')
}

function has(directives: readonly Directive[], name: string): boolean {
  return directives.some((directive) => directive.name === name)
}

function hasExactly(directives: readonly Directive[], name: string): boolean {
  return directives.some((directive) => directive.name === name && directive.argument === undefined)
}

/** The shortest lifetime of that name; 0 for one that is no number (RFC 9111 section 4.2.1). */
function lifetime(directives: readonly Directive[], name: string): number | undefined {
  let shortestMs: number | undefined
  for (const directive of directives) {
    if (directive.name !== name) continue
    const ms = parseDeltaSeconds(directive.argument ?? '') ?? 0
    shortestMs = Math.min(shortestMs ?? ms, ms)
  }
  return shortestMs
}

const FIELD_NAME = /^[!#$%&'*+.^_`|~0-9a-z-]+$/

/** The field names of a qualified directive; none when any of them is not a field name. */
function fieldNames({ argument }: Directive): string[] {
  const names = splitList((argument ?? '').toLowerCase())
  return names.every((name) => FIELD_NAME.test(name)) ? names : []
}

function hasUnqualified(directives: readonly Directive[], name: string): boolean {
  return directives.some(
    (directive) => directive.name === name && fieldNames(directive).length === 0,
  )
}

function qualifiers(directives: readonly Directive[], name: string): string[] {
  return directives.filter((directive) => directive.name === name).flatMap(fieldNames)
}
