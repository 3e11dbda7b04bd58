import { invalidOption } from './errors.ts'

type Unit = 'ms' | 's' | 'm' | 'h' | 'd' | 'w'

/**
 * A length of time: milliseconds as a number, or a number with its unit: `'250ms'`, `'30s'`,
 * `'1.5h'`, `'5m'`, `'7d'`, `'2w'`.
 */
export type Duration = number | `${number}${Unit}`

const UNIT_MS: Record<Unit, number> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
}

/** A thousand years: far inside what Redis and a double can hold. */
const LONGEST_MS = 1_000 * 365 * UNIT_MS.d

export const DURATION_WANTED =
  'a duration: milliseconds as a number that is not negative, or text such as "250ms", "30s", "5m", "12h", "7d"'

/** Milliseconds of a {@link Duration}; `undefined` when it is none. */
export function parseDuration(input: unknown): number | undefined {
  const ms = typeof input === 'string' ? parseText(input) : input
  return typeof ms === 'number' && ms >= 0 && ms <= LONGEST_MS ? ms : undefined
}

/** Milliseconds of a {@link Duration}; throws, naming the option, when it is none. */
export function requireDuration(name: string, input: unknown): number {
  const ms = parseDuration(input)
  if (ms === undefined) throw invalidOption(name, input, DURATION_WANTED)
  return ms
}

function parseText(text: string): number | undefined {
  const [, amount, unit] = /^(\d{1,15}(?:\.\d{1,9})?)(ms|s|m|h|d|w)$/.exec(text) ?? []
  return amount === undefined ? undefined : Number(amount) * UNIT_MS[unit as Unit]
}
