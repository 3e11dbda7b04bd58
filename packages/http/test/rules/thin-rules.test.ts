import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseResponseDirectives } from '../../src/fields/cache-control.ts'
import { fieldsForClients } from '../../src/rules/client-control.ts'
import { readEffectiveVary } from '../../src/rules/effective-vary.ts'
import { isSameRepresentation } from '../../src/rules/head-update.ts'
import { guessLifetime } from '../../src/rules/heuristic.ts'
import { makeEtag } from '../../src/rules/made-etag.ts'
import { isRepeatable } from '../../src/rules/repeatability.ts'
import { demandsValidation, readControl } from '../../src/rules/response-control.ts'
import { decideRetention } from '../../src/rules/retention.ts'
import { type Sibling, weakenSharedEtag } from '../../src/rules/shared-etag.ts'
import { isFailure, isStaleWelcome } from '../../src/rules/stale-use.ts'
import { decideStaleWindows } from '../../src/rules/stale-windows.ts'
import { headOf } from './head-of.ts'

const NOW = Date.UTC(2026, 0, 1, 12)
const DAY_MS = 24 * 60 * 60_000
const at = (ms: number): string => new Date(NOW + ms).toUTCString()

describe('fieldsForClients() (RFC 9213 section 2.2)', () => {
  const fields = [
    ['CACHE-CONTROL', 'max-age=60'],
    ['Expires', at(60_000)],
    ['Pragma', 'x'],
    ['Set-By', 'handler'],
  ] as const

  it('leaves all as it is where clients are told nothing else', () => {
    expect(fieldsForClients(fields, undefined)).toEqual(fields)
  })

  it('puts one Cache-Control in the place of all that says how long', () => {
    expect(fieldsForClients(fields, 'no-cache')).toEqual([
      ['Set-By', 'handler'],
      ['Cache-Control', 'no-cache'],
    ])
  })
})

describe('readEffectiveVary() (RFC 9110 section 12.5.5)', () => {
  it.each<[Record<string, string>, string | undefined, string[]]>([
    [{}, undefined, []],
    [{}, 'https://a.test', []],
    [{ 'content-encoding': 'identity' }, undefined, []],
    [{ 'content-encoding': 'BR' }, undefined, ['accept-encoding']],
    [
      { vary: 'X-B, x-a', 'content-encoding': 'gzip' },
      undefined,
      ['accept-encoding', 'x-a', 'x-b'],
    ],
    [{ 'access-control-allow-origin': 'https://a.test' }, 'https://a.test', ['origin']],
    [{ 'access-control-allow-origin': '*' }, 'https://a.test', []],
    [{ 'access-control-allow-origin': 'https://b.test' }, 'https://a.test', []],
    [
      { vary: 'Origin', 'access-control-allow-origin': 'https://a.test' },
      'https://a.test',
      ['origin'],
    ],
  ])('of %o for the origin %s: %o', (fields, origin, names) => {
    expect(readEffectiveVary(headOf(200, fields), origin)).toEqual({ kind: 'fields', names })
  })

  it('nothing makes up for a Vary: *', () => {
    const head = headOf(200, { vary: 'x-a, *', 'content-encoding': 'gzip' })

    expect(readEffectiveVary(head, undefined).kind).toBe('unmatchable')
  })
})

describe('isSameRepresentation() (RFC 9111 section 4.3.5)', () => {
  const stored = { etag: '"1"', lastModified: at(0), bodyBytes: 5 }

  it.each<[number, Record<string, string>, boolean]>([
    [200, {}, true],
    [200, { etag: '"1"', 'last-modified': at(0), 'content-length': '5' }, true],
    [200, { etag: 'W/"1"' }, false],
    [200, { etag: '"2"' }, false],
    [200, { 'last-modified': at(1_000) }, false],
    [200, { 'content-length': '6' }, false],
    [200, { 'content-length': '5x' }, false],
    [204, {}, false],
    [404, { etag: '"1"' }, false],
  ])('%i with %o: %s', (status, fields, expected) => {
    expect(isSameRepresentation(headOf(status, fields), stored)).toBe(expected)
  })
})

describe('guessLifetime() (RFC 9111 section 4.2.2)', () => {
  it.each<[string, number, string | undefined, string | undefined, number, boolean, number?]>([
    ['a tenth of its age', 200, at(-100_000), at(0), 0.1, false, 10_000],
    ['counted from Date', 200, at(-100_000), at(-50_000), 0.1, false, 5_000],
    ['from now without a Date', 200, at(-100_000), undefined, 0.1, false, 10_000],
    ['from now where Date is none', 200, at(-100_000), 'soon', 0.1, false, 10_000],
    ['a day at most', 200, at(-1_000 * DAY_MS), at(0), 0.1, false, DAY_MS],
    ['nothing where it was modified after it was made', 200, at(9_000), at(0), 0.1, false, 0],
    ['none unless asked for', 200, at(-100_000), at(0), 0, false],
    ['none without Last-Modified', 200, undefined, at(0), 0.1, false],
    ['none where that is no date', 200, 'long ago', at(0), 0.1, false],
    ['none for a 302', 302, at(-100_000), at(0), 0.1, false],
    ['one for a 302 that says public', 302, at(-100_000), at(0), 0.1, true, 10_000],
    ['one for a 404', 404, at(-100_000), at(0), 0.1, false, 10_000],
  ])('is %s', (_title, status, lastModified, date, fraction, isPublic, expected) => {
    expect(guessLifetime(status, { lastModified, date }, fraction, isPublic, NOW)).toBe(expected)
  })
})

describe('makeEtag() (RFC 9110 section 8.8.3)', () => {
  it('is an entity tag, the same for the same bytes and for no others', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.uint8Array(), (one, other) => {
        const strong = makeEtag(one, 'strong')
        expect(strong).toMatch(/^"[\w-]+"$/)
        expect(makeEtag(one, 'weak')).toBe(`W/${strong}`)
        expect(makeEtag(other, 'strong') === strong).toBe(Buffer.compare(one, other) === 0)
      }),
    )
  })
})

describe('isRepeatable()', () => {
  const rules = { isAuthorizationKeyed: false, isCookieKeyed: false, ambientFields: ['x-api-key'] }

  it.each<[string[], boolean, Partial<typeof rules>, boolean]>([
    [[], false, {}, true],
    [[], true, {}, false],
    [['accept-encoding', 'x-a'], false, {}, true],
    [['x-a', 'authorization'], false, {}, false],
    [['authorization'], false, { isAuthorizationKeyed: true }, true],
    [['cookie'], false, {}, false],
    [['cookie'], false, { isCookieKeyed: true }, true],
    [['x-api-key'], false, {}, false],
    [['x-api-key'], false, { ambientFields: [] }, true],
  ])('what varies by %o, in a partition: %s, %o: %s', (vary, isPartitioned, keyed, expected) => {
    expect(isRepeatable(vary, isPartitioned, { ...rules, ...keyed })).toBe(expected)
  })
})

describe('readControl() (RFC 9213 section 2.2)', () => {
  const TARGETS = ['cdn-cache-control', 'edge-control']
  const rest = { 'cache-control': 'max-age=1', expires: at(0) }

  it.each<[string, Record<string, string>, string[], number | undefined, string | undefined]>([
    ['Cache-Control where no target is', rest, TARGETS, 1_000, rest.expires],
    ['the target', { ...rest, 'cdn-cache-control': 'max-age=2' }, TARGETS, 2_000, undefined],
    [
      'the first target',
      { 'edge-control': 'max-age=3', 'cdn-cache-control': 'max-age=2' },
      TARGETS,
      2_000,
      undefined,
    ],
    [
      'the next where the first is malformed',
      { 'edge-control': 'max-age=3', 'cdn-cache-control': 'max-age=2,' },
      TARGETS,
      3_000,
      undefined,
    ],
    [
      'the next where the first is empty',
      { 'edge-control': 'max-age=3', 'cdn-cache-control': '' },
      TARGETS,
      3_000,
      undefined,
    ],
    [
      'Cache-Control where the target is malformed',
      { ...rest, 'cdn-cache-control': 'MAX-AGE=2' },
      TARGETS,
      1_000,
      rest.expires,
    ],
    [
      'Cache-Control where the target was not named',
      { ...rest, 'cdn-cache-control': 'max-age=2' },
      [],
      1_000,
      rest.expires,
    ],
    [
      '0 for a lifetime that is text',
      { 'cdn-cache-control': 'max-age="2"' },
      TARGETS,
      0,
      undefined,
    ],
    ['0 for one below none', { 'cdn-cache-control': 'max-age=-2' }, TARGETS, 0, undefined],
    ['0 for one that is no integer', { 'cdn-cache-control': 'max-age=2.5' }, TARGETS, 0, undefined],
  ])('reads %s', (_title, fields, targets, maxAgeMs, expires) => {
    const control = readControl(headOf(200, fields), targets)

    expect([control.directives.maxAgeMs, control.expires]).toEqual([maxAgeMs, expires])
  })
})

describe('demandsValidation() (RFC 9111 sections 5.2.2.4 and 5.4)', () => {
  it.each<[Record<string, string>, boolean]>([
    [{}, false],
    [{ 'cache-control': 'no-cache' }, true],
    [{ 'cache-control': 'no-cache="x-a"' }, false],
    [{ pragma: 'No-Cache' }, true],
    [{ pragma: 'no-cache', 'cache-control': 'max-age=1' }, false],
  ])('%o: %s', (fields, expected) => {
    const head = headOf(200, fields)

    expect(demandsValidation(head, readControl(head, []))).toBe(expected)
  })
})

describe('decideStaleWindows() (RFC 9111 section 4.2.4, RFC 5861)', () => {
  const defaults = { staleWhileRevalidateMs: 1_000, staleIfErrorMs: 2_000 }

  it.each<[string, number, number, number, boolean]>([
    ['max-age=1', 0, 1_000, 2_000, true],
    ['stale-while-revalidate=5, stale-if-error=6', 0, 5_000, 6_000, true],
    ['stale-while-revalidate=0, stale-if-error=0', 0, 0, 0, true],
    ['stale-while-revalidate=x', 0, 0, 2_000, true],
    ['max-age=1', 1_500, 0, 500, false],
  ])('%s, overdue by %i ms', (value, overdueMs, whileRevalidateMs, ifErrorMs, isStaleAllowed) => {
    const windows = decideStaleWindows(parseResponseDirectives(value), defaults, overdueMs)

    expect(windows).toEqual({ whileRevalidateMs, ifErrorMs, isStaleAllowed })
  })

  it.each(['must-revalidate', 'proxy-revalidate', 'no-cache', 's-maxage=1', 'must-revalidate=x'])(
    '%s forbids it, whatever else is said',
    (name) => {
      const value = `stale-while-revalidate=5, stale-if-error=6, ${name}`

      expect(decideStaleWindows(parseResponseDirectives(value), defaults, 0)).toEqual({
        whileRevalidateMs: 0,
        ifErrorMs: 0,
        isStaleAllowed: false,
      })
    },
  )
})

describe('isFailure() (RFC 5861 section 4)', () => {
  it('is said of four statuses', () => {
    const statuses = Array.from({ length: 500 }, (_, index) => 100 + index)

    expect(statuses.filter(isFailure)).toEqual([500, 502, 503, 504])
  })
})

describe('isStaleWelcome() (RFC 9111 section 5.2.1.2)', () => {
  const asked = {
    noStore: false,
    noCache: false,
    onlyIfCached: false,
    maxAgeMs: undefined,
    minFreshMs: undefined,
    maxStaleMs: 5_000,
  }
  const facts = (staleMs: number, isStaleAllowed = true) => ({
    staleMs,
    windows: { whileRevalidateMs: 0, ifErrorMs: 0, isStaleAllowed },
  })

  it.each([
    ['within what is asked for', facts(5_000), asked, true],
    ['beyond it', facts(5_001), asked, false],
    ['where the response forbids it', facts(1, false), asked, false],
    ['of a client that says nothing', facts(1), undefined, false],
    ['with no-cache', facts(1), { ...asked, noCache: true }, false],
    ['with min-fresh', facts(1), { ...asked, minFreshMs: 0 }, false],
    ['with a max-age that it keeps', facts(1), { ...asked, maxAgeMs: 10_000 }, true],
    ['with a max-age that it is beyond', facts(1), { ...asked, maxAgeMs: 9_999 }, false],
  ])('%s', (_title, stale, directives, expected) => {
    expect(isStaleWelcome(stale, 10_000, directives)).toBe(expected)
  })
})

describe('decideRetention()', () => {
  const none = { whileRevalidateMs: 0, ifErrorMs: 0, isStaleAllowed: true }

  it.each([
    ['nothing without a use for it', 60_000, none, false, 0],
    ['a minute at least for validation', 1, none, true, 60_000],
    ['as long as it was fresh', 600_000, none, true, 600_000],
    ['an hour at most', DAY_MS, none, true, 3_600_000],
    ['the longest of the windows', 1, { ...none, whileRevalidateMs: 7, ifErrorMs: 8 }, false, 8],
    ['a window beyond the hour', 1, { ...none, ifErrorMs: DAY_MS }, true, DAY_MS],
  ])('is %s', (_title, freshMs, windows, hasValidator, expected) => {
    expect(decideRetention(freshMs, windows, hasValidator)).toBe(expected)
  })
})

describe('weakenSharedEtag() (RFC 9110 section 8.8.3.3)', () => {
  const gzip: Sibling = { etag: '"1"', encoding: 'gzip' }
  const plain: Sibling = { etag: '"1"', encoding: undefined }

  it.each<[string, Record<string, string>, Sibling[], Sibling | undefined, string | undefined]>([
    ['shared with another encoding', { etag: '"1"' }, [gzip], undefined, 'W/"1"'],
    [
      'shared the other way',
      { etag: '"1"', 'content-encoding': 'gzip' },
      [plain],
      undefined,
      'W/"1"',
    ],
    ['of the same encoding', { etag: '"1"' }, [plain], undefined, undefined],
    ['of its own', { etag: '"2"' }, [gzip], undefined, undefined],
    ['weak already', { etag: 'W/"1"' }, [gzip], undefined, undefined],
    ['no tag', { etag: '1' }, [gzip], undefined, undefined],
    ['none', {}, [gzip], undefined, undefined],
    ['shared earlier', { etag: '"2"' }, [], { ...plain, etag: 'W/"1"' }, 'W/"2"'],
  ])('a tag that is %s', (_title, fields, others, earlier, expected) => {
    expect(weakenSharedEtag(headOf(200, fields), others, earlier)).toBe(expected)
  })
})
