import { splitList } from './list.ts'

/**
 * Writes a request field's value so that values which mean the same read the same, for choosing
 * among variants (RFC 9111 section 4.1 allows it where the meaning is kept).
 *
 * `name` is in lower case.
 */
export function normaliseForVary(name: string, value: string): string {
  if (name === 'accept-encoding') return normaliseAcceptEncoding(value)
  if (name === 'accept-language') return normaliseAcceptLanguage(value)
  return value.trim().replace(/\s*,\s*/g, ', ')
}

interface Weighted {
  readonly value: string
  readonly weight: number
}

/**
 * The codings that the client takes, sorted, and those that it refuses of the ones it need not name
 * to accept. Whatever was encoded for one client suits every other of the same value; only their
 * preference among codings is lost.
 */
function normaliseAcceptEncoding(value: string): string {
  const codings = splitList(value.toLowerCase()).map(parseWeighted)
  const taken = codings.filter(({ weight }) => weight > 0).map(({ value }) => plainName(value))
  const refused = codings
    .filter(({ value, weight }) => weight === 0 && (value === '*' || value === 'identity'))
    .map(({ value }) => `!${value}`)
  return [...new Set([...taken, ...refused])].sort().join(',')
}

/** RFC 9110 section 8.4.1: `x-gzip` and `x-compress` are the same as without the `x-`. */
function plainName(coding: string): string {
  return coding === 'x-gzip' || coding === 'x-compress' ? coding.slice(2) : coding
}

/** The languages in the order of preference, which is all that their weights say. */
function normaliseAcceptLanguage(value: string): string {
  const languages = splitList(value.toLowerCase()).map(parseWeighted)
  return languages
    .toSorted((one, other) => other.weight - one.weight)
    .map(({ value, weight }) => (weight === 0 ? `!${value}` : value))
    .join(',')
}

function parseWeighted(member: string): Weighted {
  const [value = '', ...parameters] = member.split(';').map((part) => part.trim())
  const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2)
  const number = weight === undefined ? 1 : Number(weight)
  // What cannot be read is kept apart from everything else.
  return Number.isNaN(number) ? { value: member, weight: 1 } : { value, weight: number }
}
