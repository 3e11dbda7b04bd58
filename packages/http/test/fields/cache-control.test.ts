import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  parseRequestDirectives,
  parseResponseDirectives,
  type ResponseDirectives,
} from '../../src/fields/cache-control.ts'

/** What a response that says nothing says. */
const NOTHING: ResponseDirectives = {
  isPresent: false,
  maxAgeMs: undefined,
  sMaxAgeMs: undefined,
  noStore: false,
  noCache: false,
  isPrivate: false,
  fieldsNotKept: [],
  isPublic: false,
  mustRevalidate: false,
  forbidsStale: false,
  mustUnderstand: false,
  staleWhileRevalidateMs: undefined,
  staleIfErrorMs: undefined,
}

describe('parseResponseDirectives()', () => {
  const cases: [string, Partial<ResponseDirectives>][] = [
    ['max-age=60', { maxAgeMs: 60_000 }],
    ['MAX-AGE=60', { maxAgeMs: 60_000 }],
    ['max-age="60"', { maxAgeMs: 60_000 }],
    ['max-age=0060', { maxAgeMs: 60_000 }],
    ['s-maxage=60, max-age=5', { sMaxAgeMs: 60_000, maxAgeMs: 5_000, forbidsStale: true }],
    [' public ,, max-age=1 ', { isPublic: true, maxAgeMs: 1_000 }],
    ['max-age=99999999999999', { maxAgeMs: 2 ** 31 * 1_000 }],
    ['no-store', { noStore: true }],
    ['no-store=please', { noStore: true }],
    ['no-cache', { noCache: true, forbidsStale: true }],
    ['no-cache="Set-Cookie, X-A"', { fieldsNotKept: ['set-cookie', 'x-a'], forbidsStale: true }],
    ['private=X-A', { fieldsNotKept: ['x-a'] }],
    ['private', { isPrivate: true }],
    ['must-revalidate', { mustRevalidate: true, forbidsStale: true }],
    ['proxy-revalidate, must-understand', { forbidsStale: true, mustUnderstand: true }],
    ['stale-while-revalidate=5', { staleWhileRevalidateMs: 5_000 }],
    ['stale-if-error=5, stale-if-error=x', { staleIfErrorMs: 0 }],
    ['unheard-of=1', {}],
    // A quoted string is no place for directives.
    ['x="no-store, max-age=1"', {}],
    ['x="a\\", no-store"', {}],
    // Malformed: the strict reading.
    ['max-age=soon', { maxAgeMs: 0 }],
    ['max-age', { maxAgeMs: 0 }],
    ['max-age=', { maxAgeMs: 0 }],
    ['max-age=-1', { maxAgeMs: 0 }],
    ['max-age=1.5', { maxAgeMs: 0 }],
    ['max-age= 60', { maxAgeMs: 0 }],
    ["max-age='60'", { maxAgeMs: 0 }],
    ['max-age =60', { maxAgeMs: 60_000 }],
    ['max-age=60, max-age=10', { maxAgeMs: 10_000 }],
    ['max-age=10, max-age=60', { maxAgeMs: 10_000 }],
    ['max-age=60, max-age=x', { maxAgeMs: 0 }],
    ['public=1', {}],
    // A permission and a prohibition in one.
    ['must-revalidate=yes', { forbidsStale: true }],
    ['private=', { isPrivate: true }],
    ['private=""', { isPrivate: true }],
    ['private="not a field"', { isPrivate: true }],
    ['no-cache="a, (b)"', { noCache: true, forbidsStale: true }],
    ['private="x-a", private', { isPrivate: true, fieldsNotKept: ['x-a'] }],
    ['x="a, no-store', { noStore: true }],
    ['max-age="60, private', { maxAgeMs: 0, isPrivate: true }],
  ]

  it.each(cases)('%s', (value, said) => {
    expect(parseResponseDirectives(value)).toEqual({ ...NOTHING, isPresent: true, ...said })
  })

  it.each([undefined, '', ' , '])('%j says nothing', (value) => {
    expect(parseResponseDirectives(value)).toEqual(NOTHING)
  })

  it('never throws, and never overlooks a no-store that stands alone', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (before, after) => {
        const isApart = !before.includes('"') && !after.includes('"')
        const { noStore } = parseResponseDirectives(`${before},no-store,${after}`)

        return noStore || !isApart
      }),
    )
  })

  it('never reads a lifetime that is not a number of seconds', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const { maxAgeMs } = parseResponseDirectives(`max-age=${text}`)

        expect(Number.isInteger(maxAgeMs) && (maxAgeMs as number) >= 0).toBe(true)
      }),
    )
  })
})

describe('parseRequestDirectives()', () => {
  it.each([
    ['no-cache', undefined, { noCache: true }],
    [undefined, 'no-cache', { noCache: true }],
    // Pragma is for those who send no Cache-Control.
    ['max-age=5', 'no-cache', { maxAgeMs: 5_000 }],
    ['no-store, only-if-cached', undefined, { noStore: true, onlyIfCached: true }],
    ['min-fresh=10', undefined, { minFreshMs: 10_000 }],
    ['max-stale=10', undefined, { maxStaleMs: 10_000 }],
    ['max-stale', undefined, { maxStaleMs: Number.POSITIVE_INFINITY }],
    ['max-stale=much', undefined, { maxStaleMs: 0 }],
  ])('Cache-Control: %s, Pragma: %s', (cacheControl, pragma, said) => {
    const nothing = {
      noStore: false,
      noCache: false,
      onlyIfCached: false,
      maxAgeMs: undefined,
      minFreshMs: undefined,
      maxStaleMs: undefined,
    }

    expect(parseRequestDirectives(cacheControl, pragma)).toEqual({ ...nothing, ...said })
  })
})
