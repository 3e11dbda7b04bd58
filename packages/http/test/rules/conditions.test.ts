import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseDeltaSeconds } from '../../src/fields/delta-seconds.ts'
import { parseByteRanges } from '../../src/fields/range.ts'
import { freshenFields } from '../../src/rules/freshening.ts'
import { isLeftOutOf304, isNotModified } from '../../src/rules/precondition.ts'
import { decideRange } from '../../src/rules/range.ts'
import { conditionsFor, decideValidation } from '../../src/rules/validation.ts'
import { headOf } from './head-of.ts'

const NOW = Date.UTC(2026, 0, 1, 12)
const at = (ms: number): string => new Date(NOW + ms).toUTCString()

describe('parseDeltaSeconds() (RFC 9111 section 1.2.2)', () => {
  it('takes digits and nothing else, and holds what is too large at 2^31', () => {
    fc.assert(
      fc.property(fc.oneof(fc.nat().map(String), fc.bigInt().map(String), fc.string()), (text) => {
        const ms = parseDeltaSeconds(text)
        if (!/^[0-9]+$/.test(text)) return ms === undefined
        return ms === Math.min(Number(text), 2 ** 31) * 1_000
      }),
    )
  })
})

describe('parseByteRanges() (RFC 9110 section 14.1.2)', () => {
  it.each<[string, unknown]>([
    ['bytes=0-4', [{ kind: 'from', first: 0, last: 4 }]],
    ['BYTES = 5-', [{ kind: 'from', first: 5, last: undefined }]],
    ['bytes=-3', [{ kind: 'suffix', length: 3 }]],
    [
      'bytes=0-0, -1',
      [
        { kind: 'from', first: 0, last: 0 },
        { kind: 'suffix', length: 1 },
      ],
    ],
    ['bytes=4-0', undefined],
    ['bytes=-', undefined],
    ['bytes=', undefined],
    ['bytes', undefined],
    ['bytes=0-4=5', undefined],
    ['bytes=+1-4', undefined],
    ['lines=0-4', undefined],
  ])('%s', (value, ranges) => {
    expect(parseByteRanges(value)).toEqual(ranges)
  })
})

describe('decideRange() (RFC 9110 sections 13.1.5, 14.2 and 15.5.17)', () => {
  const source = { length: 10, etag: '"1"', lastModified: at(0) }
  const whole = { kind: 'whole' }
  const none = { kind: 'unsatisfiable' }
  const part = (first: number, last: number) => ({ kind: 'part', first, last })

  it.each<[string, string | undefined, object]>([
    ['bytes=2-4', undefined, part(2, 4)],
    ['bytes=2-', undefined, part(2, 9)],
    ['bytes=2-99', undefined, part(2, 9)],
    ['bytes=-3', undefined, part(7, 9)],
    ['bytes=-99', undefined, part(0, 9)],
    ['bytes=-0', undefined, none],
    ['bytes=10-', undefined, none],
    ['bytes=0-1,3-4', undefined, whole],
    ['bytes=x', undefined, whole],
    ['bytes=2-4', '"1"', part(2, 4)],
    ['bytes=2-4', '"2"', whole],
    ['bytes=2-4', 'W/"1"', whole],
    ['bytes=2-4', at(0), part(2, 4)],
    ['bytes=2-4', at(1_000), whole],
    ['bytes=99-', '"2"', whole],
  ])('Range: %s, If-Range: %s', (range, ifRange, expected) => {
    expect(decideRange(range, ifRange, source)).toEqual(expected)
  })

  it('a weak tag is never what If-Range asks for', () => {
    const weak = { ...source, etag: 'W/"1"' }

    expect(decideRange('bytes=2-4', 'W/"1"', weak)).toEqual(whole)
  })

  it('of an empty body there is no part', () => {
    const empty = { ...source, length: 0 }

    expect(decideRange('bytes=0-', undefined, empty)).toEqual(none)
    expect(decideRange('bytes=-1', undefined, empty)).toEqual(none)
  })

  it('a part lies within the body and within what was asked for', () => {
    fc.assert(
      fc.property(fc.nat(99), fc.nat(99), fc.nat(99), (length, first, more) => {
        const range = `bytes=${first}-${first + more}`
        const decision = decideRange(range, undefined, { ...source, length })
        if (decision.kind !== 'part') return first >= length
        return decision.first === first && decision.last === Math.min(first + more, length - 1)
      }),
    )
  })
})

describe('isNotModified() (RFC 9111 section 4.3.2)', () => {
  const full = { etag: '"1"', lastModified: at(0), date: at(9_000) }
  const dated = { etag: undefined, lastModified: undefined, date: at(9_000) }

  it.each([
    [{}, full, false],
    [{ 'if-none-match': '"1"' }, full, true],
    [{ 'if-none-match': 'W/"1"' }, full, true],
    [{ 'if-none-match': '"0", "1"' }, full, true],
    [{ 'if-none-match': '*' }, dated, true],
    [{ 'if-none-match': '"2"' }, full, false],
    [{ 'if-none-match': '"2"', 'if-modified-since': at(0) }, full, false],
    [{ 'if-modified-since': at(0) }, full, true],
    [{ 'if-modified-since': at(1_000) }, full, true],
    [{ 'if-modified-since': at(-1_000) }, full, false],
    [{ 'if-modified-since': at(9_000) }, dated, true],
    [{ 'if-modified-since': at(8_000) }, dated, false],
    [{ 'if-modified-since': 'yesterday' }, full, false],
  ])('%o of %o: %s', (headers, validators, expected) => {
    expect(isNotModified(headers, validators, NOW)).toBe(expected)
  })
})

describe('isLeftOutOf304() (RFC 9110 section 15.4.5)', () => {
  it.each([
    ['content-length', false, true],
    ['content-encoding', true, true],
    ['last-modified', true, true],
    ['last-modified', false, false],
    ['etag', true, false],
    ['cache-control', true, false],
    ['content-location', true, false],
    ['date', true, false],
    ['expires', true, false],
    ['vary', true, false],
  ])('%s, with an entity tag: %s: %s', (name, hasEtag, expected) => {
    expect(isLeftOutOf304(name, hasEtag)).toBe(expected)
  })
})

describe('conditionsFor() (RFC 9111 section 4.3.1)', () => {
  it.each([
    ['"1"', undefined, { 'if-none-match': '"1"' }],
    [undefined, at(0), { 'if-modified-since': at(0) }],
    ['W/"1"', at(0), { 'if-none-match': 'W/"1"', 'if-modified-since': at(0) }],
    [undefined, undefined, {}],
  ])('of %s and %s', (etag, lastModified, conditions) => {
    expect(conditionsFor({ etag, lastModified })).toEqual(conditions)
  })
})

describe('decideValidation() (RFC 9111 sections 4.3.3 and 4.3.4)', () => {
  it.each<[number, Record<string, string>, string]>([
    [304, {}, 'freshen'],
    [304, { etag: '"1"' }, 'freshen'],
    [304, { etag: 'W/"2"' }, 'freshen'],
    [304, { etag: '"2"' }, 'mismatch'],
    [304, { etag: 'not a tag' }, 'freshen'],
    [200, { etag: '"1"' }, 'replace'],
    [500, {}, 'replace'],
  ])('%i with %o: %s', (status, fields, expected) => {
    const stored = { etag: '"1"', lastModified: undefined }

    expect(decideValidation(headOf(status, fields), stored)).toBe(expected)
  })
})

describe('freshenFields() (RFC 9111 section 3.2)', () => {
  const stored = [
    ['Date', at(-9_000)],
    ['X-Kept', '1'],
    ['x-twice', '1'],
    ['X-Twice', '2'],
    ['Content-Encoding', 'gzip'],
  ] as const
  const freshen = (fields: [string, string | string[]][], connection?: string) =>
    freshenFields(stored, {
      fields,
      connection,
      isForeign: (name) => name === 'x-foreign',
      nowMs: NOW,
    })

  it('each field of the update takes the place of all of its name', () => {
    expect(
      freshen([
        ['X-TWICE', '3'],
        ['date', at(0)],
      ]),
    ).toEqual([
      ['X-Kept', '1'],
      ['Content-Encoding', 'gzip'],
      ['X-TWICE', '3'],
      ['date', at(0)],
    ])
  })

  it('an update without a Date is given one', () => {
    expect(freshen([]).at(-1)).toEqual(['Date', at(0)])
  })

  it.each([
    'Age',
    'Content-Digest',
    'Content-Encoding',
    'Content-Length',
    'Content-Range',
    'Set-Cookie',
    'Transfer-Encoding',
    'X-Named-By-Connection',
    'X-Foreign',
  ])('%s is not taken from an update', (name) => {
    const fields = freshen([[name, 'new']], 'close, X-Named-By-Connection')

    expect(fields.filter(([, value]) => value === 'new')).toEqual([])
  })
})
