import type { ResponseDirectives } from '../fields/cache-control.ts'
import { parseHttpDate } from '../fields/http-date.ts'

/** How long a response says that it stays fresh, counted from when it was made. */
export type Lifetime =
  | { kind: 'explicit'; ms: number }
  /** It says nothing: `ttl` decides. */
  | { kind: 'unsaid' }

/** What a lifetime is read from. */
export interface LifetimeFields {
  readonly directives: ResponseDirectives
  readonly expires: string | undefined
  readonly date: string | undefined
}

/**
 * The freshness lifetime of a response in a shared cache: s-maxage, else max-age, else Expires less
 * Date (RFC 9111 section 4.2.1). An Expires that is no date is a time in the past (section 5.3).
 */
export function readLifetime(fields: LifetimeFields, nowMs: number): Lifetime {
  const { directives, expires, date } = fields
  const maxAgeMs = directives.sMaxAgeMs ?? directives.maxAgeMs
  if (maxAgeMs !== undefined) return { kind: 'explicit', ms: maxAgeMs }
  if (expires === undefined) return { kind: 'unsaid' }
  const expiresMs = parseHttpDate(expires, nowMs)
  if (expiresMs === undefined) return { kind: 'explicit', ms: 0 }
  const dateMs = date === undefined ? undefined : parseHttpDate(date, nowMs)
  return { kind: 'explicit', ms: Math.max(expiresMs - (dateMs ?? nowMs), 0) }
}
