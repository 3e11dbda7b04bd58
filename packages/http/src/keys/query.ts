import type { RoutedMessage } from './request-target.ts'
import { splitTarget } from './request-target.ts'

/** Which parameters of a query count. */
export interface QueryRules {
  readonly allow: readonly (string | RegExp)[] | undefined
  readonly ignore: readonly (string | RegExp)[] | undefined
  readonly sort: boolean
}

/** A target with the parameters that count. */
export interface NormalisedTarget {
  readonly target: string
  /** The names that were taken out, as they were written. */
  readonly dropped: readonly string[]
}

/**
 * Takes out of a target the parameters that do not count, and sorts the rest by name if asked to.
 *
 * Names are compared as they were written, undecoded, and only `&` separates: whatever a handler's
 * parser might read out of what stays is part of the key.
 */
export function normaliseQuery(target: string, rules: QueryRules): NormalisedTarget {
  const { path, query } = splitTarget(target)
  if (query === undefined) return { target, dropped: [] }
  const parameters = query.split('&').filter((parameter) => parameter !== '')
  const kept = parameters.filter((parameter) => counts(nameOf(parameter), rules))
  const dropped = parameters.map(nameOf).filter((name) => !counts(name, rules))
  const ordered = rules.sort ? kept.toSorted(byName) : kept
  return { target: ordered.length === 0 ? path : `${path}?${ordered.join('&')}`, dropped }
}

/**
 * Lets the handler see what the key says: a parameter that is not part of the key must not have a
 * part in the response.
 */
export function rewriteQuery(req: RoutedMessage, rules: QueryRules): readonly string[] {
  const { target, dropped } = normaliseQuery(req.url ?? '/', rules)
  req.url = target
  if (req.originalUrl !== undefined) req.originalUrl = normaliseQuery(req.originalUrl, rules).target
  return dropped
}

/** Takes dropped parameters out of a query that a framework has parsed already. */
export function dropParsed(query: unknown, dropped: readonly string[]): void {
  if (typeof query !== 'object' || query === null) return
  for (const name of dropped) {
    // `a[b]` is what some parsers turn into { a: { b } }.
    const [root = name] = decode(name).split('[', 1)
    Reflect.deleteProperty(query, root)
  }
}

function nameOf(parameter: string): string {
  const equals = parameter.indexOf('=')
  return equals < 0 ? parameter : parameter.slice(0, equals)
}

function counts(name: string, { allow, ignore }: QueryRules): boolean {
  if (allow !== undefined) return fits(name, allow)
  return ignore === undefined || !fits(name, ignore)
}

function fits(name: string, patterns: readonly (string | RegExp)[]): boolean {
  return patterns.some((pattern) =>
    typeof pattern === 'string' ? name === pattern : name.search(pattern) >= 0,
  )
}

function byName(one: string, other: string): number {
  const [left, right] = [nameOf(one), nameOf(other)]
  if (left === right) return 0
  return left < right ? -1 : 1
}

function decode(name: string): string {
  try {
    return decodeURIComponent(name.replaceAll('+', ' '))
  } catch {
    return name
  }
}
