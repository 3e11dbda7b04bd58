import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatHttpDate, parseHttpDate } from '../../src/fields/http-date.ts'

const NOW = Date.UTC(2026, 5, 1)
const MOMENT = Date.UTC(1994, 10, 6, 8, 49, 37)

describe('parseHttpDate()', () => {
  it.each([
    ['the preferred form', 'Sun, 06 Nov 1994 08:49:37 GMT', MOMENT],
    ['RFC 850', 'Sunday, 06-Nov-94 08:49:37 GMT', MOMENT],
    ['asctime', 'Sun Nov  6 08:49:37 1994', MOMENT],
    ['asctime with two digits', 'Wed Nov 16 08:49:37 1994', MOMENT + 10 * 86_400_000],
    ['two digits of a year up to 50 ahead', 'Friday, 01-Jan-76 00:00:00 GMT', Date.UTC(2076, 0, 1)],
    ['two digits of a year beyond', 'Saturday, 01-Jan-77 00:00:00 GMT', Date.UTC(1977, 0, 1)],
    ['a leap second', 'Sat, 31 Dec 2016 23:59:60 GMT', Date.UTC(2017, 0, 1)],
    ['names in another case', 'SUN, 06 nov 1994 08:49:37 gmt', MOMENT],
    ['29 February in a leap year', 'Thu, 29 Feb 2024 00:00:00 GMT', Date.UTC(2024, 1, 29)],
  ])('reads %s', (_name, text, expected) => {
    expect(parseHttpDate(text, NOW)).toBe(expected)
  })

  it.each([
    '',
    '0',
    '-1',
    'now',
    'Sun, 06 Nov 1994 08:49:37 UTC',
    'Sun, 06 Nov 1994 08:49:37 +0000',
    'Sun, 06 Nov 1994 08:49:37',
    'Sun, 6 Nov 1994 08:49:37 GMT',
    'Sun 06 Nov 1994 08:49:37 GMT',
    'Sun, 06 Nov 94 08:49:37 GMT',
    'Sun, 06 Nov 1994 8:49:37 GMT',
    'Sun, 06 Nov 1994 24:00:00 GMT',
    'Sun, 06 Nov 1994 08:60:00 GMT',
    'Sun, 31 Feb 2024 00:00:00 GMT',
    'Fri, 29 Feb 2023 00:00:00 GMT',
    'Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT',
    '1994-11-06T08:49:37Z',
  ])('refuses %j', (text) => {
    expect(parseHttpDate(text, NOW)).toBeUndefined()
  })

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const ms = parseHttpDate(text, NOW)
        expect(ms === undefined || Number.isFinite(ms)).toBe(true)
      }),
    )
  })

  it('reads whatever formatHttpDate() writes', () => {
    // From the year 100 on: Date.UTC takes those before for years of the last century.
    const seconds = fc.integer({ min: -59_011_459_200, max: 253_402_300_799 })
    fc.assert(
      fc.property(seconds, (second) => {
        expect(parseHttpDate(formatHttpDate(second * 1_000), NOW)).toBe(second * 1_000)
      }),
    )
  })
})
