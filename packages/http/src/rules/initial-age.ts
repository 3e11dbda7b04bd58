import { parseAge } from '../fields/age.ts'
import { parseHttpDate } from '../fields/http-date.ts'

/** What an age is read from. */
export interface AgeFields {
  readonly age: string | undefined
  readonly date: string | undefined
}

/**
 * How old a response already is when its head is written (RFC 9111 section 4.2.3): the larger of
 * what its Date and its Age say.
 *
 * `delayMs` is how long the handler took. It counts only beside an Age, which says that the handler
 * passes on what another cache held: a response that the handler makes is born with its head.
 */
export function readInitialAge(fields: AgeFields, delayMs: number, nowMs: number): number {
  const ageMs = parseAge(fields.age)
  const correctedMs = ageMs === undefined ? 0 : ageMs + delayMs
  const dateMs = fields.date === undefined ? undefined : parseHttpDate(fields.date, nowMs)
  // A Date is cut to whole seconds: up to one of them is no age.
  const apparentMs = dateMs === undefined ? 0 : Math.floor((nowMs - dateMs) / 1_000) * 1_000
  return Math.max(correctedMs, apparentMs, 0)
}
