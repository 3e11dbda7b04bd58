const MONTHS = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ')

const IMF_FIXDATE = /^[a-z]{3}, (\d{2}) ([a-z]{3}) (\d{4}) (\d{2}):(\d{2}):(\d{2}) gmt$/i
const RFC_850 = /^[a-z]{6,9}, (\d{2})-([a-z]{3})-(\d{2}) (\d{2}):(\d{2}):(\d{2}) gmt$/i
const ASCTIME = /^[a-z]{3} ([a-z]{3}) ([ \d]\d) (\d{2}):(\d{2}):(\d{2}) (\d{4})$/i

/**
 * Reads an HTTP-date in its preferred form or either obsolete one (RFC 9110 section 5.6.7), as
 * milliseconds since the epoch, whatever the case of its names; `undefined` for anything else.
 *
 * `nowMs` decides the century of a two-digit year: never more than 50 years ahead.
 */
export function parseHttpDate(text: string, nowMs: number): number | undefined {
  const fixdate = IMF_FIXDATE.exec(text)
  if (fixdate !== null) {
    const [, day, month, year, ...time] = fixdate
    return toMs(Number(year), month, day, time)
  }
  const rfc850 = RFC_850.exec(text)
  if (rfc850 !== null) {
    const [, day, month, year, ...time] = rfc850
    return toMs(fullYear(Number(year), nowMs), month, day, time)
  }
  const [, month, day, hours, minutes, seconds, year] = ASCTIME.exec(text) ?? []
  return toMs(Number(year), month, day, [hours, minutes, seconds])
}

let lastSecond = Number.NaN
let lastText = ''

/** Writes an HTTP-date in its preferred form; those of one second only once. */
export function formatHttpDate(ms: number): string {
  const second = Math.floor(ms / 1_000)
  if (second !== lastSecond) {
    lastSecond = second
    lastText = new Date(ms).toUTCString()
  }
  return lastText
}

function fullYear(twoDigits: number, nowMs: number): number {
  const nowYear = new Date(nowMs).getUTCFullYear()
  const year = nowYear - (nowYear % 100) + twoDigits
  return year > nowYear + 50 ? year - 100 : year
}

function toMs(
  year: number,
  monthName: string | undefined,
  dayText: string | undefined,
  time: readonly (string | undefined)[],
): number | undefined {
  const month = MONTHS.indexOf(monthName?.toLowerCase() ?? '')
  const day = Number(dayText)
  const [hours = Number.NaN, minutes = Number.NaN, seconds = Number.NaN] = time.map(Number)
  // A leap second is written :60; Date.UTC makes it the next minute.
  if (month < 0 || !(hours < 24 && minutes < 60 && seconds <= 60)) return undefined
  const date = new Date(Date.UTC(year, month, day))
  // Date.UTC reads years before 100 as 1900 and later, and rolls 31 February over into March.
  if (date.getUTCFullYear() !== year || date.getUTCDate() !== day) return undefined
  return Date.UTC(year, month, day, hours, minutes, seconds)
}
