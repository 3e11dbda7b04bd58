import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseAge } from '../../src/fields/age.ts'
import { formatForward, formatHit } from '../../src/fields/cache-status.ts'
import { hasCookie, readCookies } from '../../src/fields/cookies.ts'
import { matchesEntityTag, parseEntityTag } from '../../src/fields/entity-tag.ts'
import { isHopByHop } from '../../src/fields/hop-by-hop.ts'
import { splitList } from '../../src/fields/list.ts'
import { normaliseForVary } from '../../src/fields/normalise.ts'
import { parseSurrogateTags } from '../../src/fields/surrogate-tags.ts'
import { parseVary } from '../../src/fields/vary.ts'

describe('splitList()', () => {
  it.each([
    ['a, b,c', ['a', 'b', 'c']],
    [', ,a,', ['a']],
    ['', []],
    ['a="b, c", d', ['a="b, c"', 'd']],
    ['a="b\\", c", d', ['a="b\\", c"', 'd']],
    ['a="b, c', ['a="b', 'c']],
    ['"', ['"']],
  ])('%j', (value, members) => {
    expect(splitList(value)).toEqual(members)
  })

  it('never throws and never makes anything up', () => {
    fc.assert(
      fc.property(fc.string(), (value) =>
        splitList(value).every((member) => member !== '' && value.includes(member)),
      ),
    )
  })
})

describe('parseAge()', () => {
  it.each([
    [undefined, undefined],
    ['0', 0],
    ['60', 60_000],
    ['99999999999', 2 ** 31 * 1_000],
    ['60, 0', 60_000],
    ['0, 7200', 0],
    ['', undefined],
    ['-1', undefined],
    ['1.0', undefined],
    ['60;a=b', undefined],
    ['old, 0', undefined],
  ])('%j', (value, age) => {
    expect(parseAge(value)).toBe(age)
  })
})

describe('parseEntityTag()', () => {
  it.each(['"a"', 'W/"a"', '""', '"a,b"'])('takes %s', (value) => {
    expect(parseEntityTag(value)).toBe(value)
  })

  it.each([undefined, 'a', 'w/"a"', '"a', '"a" "b"', '"a", "b"', '"a b"'])(
    'refuses %s',
    (value) => {
      expect(parseEntityTag(value)).toBeUndefined()
    },
  )
})

describe('matchesEntityTag()', () => {
  it.each([
    ['"a"', '"a"', true],
    ['W/"a"', '"a"', true],
    ['"a"', 'W/"a"', true],
    ['"b", "a"', '"a"', true],
    ['"b","a,c"', '"a,c"', true],
    [' * ', '"a"', true],
    ['*', undefined, true],
    ['"b"', '"a"', false],
    ['"a,c"', '"a"', false],
    ['a', '"a"', false],
    ['"a"', undefined, false],
    ['', '"a"', false],
  ])('%s against %s: %s', (ifNoneMatch, etag, expected) => {
    expect(matchesEntityTag(ifNoneMatch, etag)).toBe(expected)
  })
})

describe('parseVary()', () => {
  const unmatchable = { kind: 'unmatchable' }

  it.each([
    [undefined, { kind: 'fields', names: [] }],
    ['', { kind: 'fields', names: [] }],
    ['Accept, accept , B', { kind: 'fields', names: ['accept', 'b'] }],
    ['*', unmatchable],
    ['Accept, *', unmatchable],
    [', *', unmatchable],
    ['not a field', unmatchable],
    [Array.from({ length: 17 }, (_, index) => `x${index}`).join(), unmatchable],
  ])('%j', (value, vary) => {
    expect(parseVary(value)).toEqual(vary)
  })
})

describe('normaliseForVary()', () => {
  it.each([
    ['accept-encoding', 'gzip, deflate, br', 'br,deflate,gzip'],
    ['accept-encoding', 'BR;q=0.5,GZIP , x-gzip', 'br,gzip'],
    ['accept-encoding', 'gzip;q=0, br', 'br'],
    ['accept-encoding', 'br, identity;q=0, *;q=0', '!*,!identity,br'],
    ['accept-encoding', '', ''],
    ['accept-encoding', 'gzip;q=high', 'gzip;q=high'],
    ['accept-language', 'en-US,en;q=0.5', 'en-us,en'],
    ['accept-language', 'en;q=0.5, de', 'de,en'],
    ['accept-language', 'de, fr;q=0', 'de,!fr'],
    ['x-any', ' a ,b,  c ', 'a, b, c'],
    ['user-agent', 'A/1 (B, C)', 'A/1 (B, C)'],
  ])('%s: %s', (name, value, normalised) => {
    expect(normaliseForVary(name, value)).toBe(normalised)
  })

  it('never throws', () => {
    const names = fc.constantFrom('accept-encoding', 'accept-language', 'x-any')
    fc.assert(
      fc.property(names, fc.string(), (name, value) => {
        expect(typeof normaliseForVary(name, value)).toBe('string')
      }),
    )
  })
})

describe('cookies', () => {
  it.each([
    [undefined, []],
    ['a=1', ['1']],
    ['b=2; a=1;a=3', ['1', '3']],
    ['a', ['']],
    ['ab=1; ca=2', []],
    ['a=b=c', ['b=c']],
  ])('readCookies(%j)', (cookie, values) => {
    expect(readCookies(cookie, 'a')).toEqual(values)
  })

  it.each([
    ['session=1', true],
    ['a=1; session=', true],
    ['wp-1=x', true],
    ['sessions=1', false],
    ['a=session', false],
    [undefined, false],
  ])('hasCookie(%j)', (cookie, expected) => {
    const patterns = ['session', /^wp-/g]

    expect([hasCookie(cookie, patterns), hasCookie(cookie, patterns)]).toEqual([expected, expected])
  })
})

describe('isHopByHop()', () => {
  it.each([
    ['connection', undefined, true],
    ['transfer-encoding', undefined, true],
    ['x-hop', 'close, X-Hop', true],
    ['etag', 'close', false],
  ])('%s with Connection: %s is %s', (name, connection, expected) => {
    expect(isHopByHop(name, connection)).toBe(expected)
  })
})

describe('parseSurrogateTags()', () => {
  it('takes Cache-Tag by commas and Surrogate-Key by spaces', () => {
    expect(parseSurrogateTags('a b, c', 'd  e,f')).toEqual(['a b', 'c', 'd', 'e', 'f'])
    expect(parseSurrogateTags(undefined, undefined)).toEqual([])
  })
})

describe('Cache-Status', () => {
  it.each([
    [formatHit('hotpath', 29_999, 'memory'), 'hotpath; hit; ttl=29; detail=memory'],
    [formatHit('edge', 0, 'redis'), 'edge; hit; ttl=0; detail=redis'],
    [formatHit('hotpath', 1_000, 'vary-miss'), 'hotpath; fwd=vary-miss; collapsed; ttl=1'],
    [formatForward('hotpath', 'uri-miss', { ttlMs: 500 }), 'hotpath; fwd=uri-miss; stored; ttl=0'],
    [formatForward('hotpath', 'bypass', { detail: 'skip' }), 'hotpath; fwd=bypass; detail=skip'],
    [formatForward('hotpath', 'method', { detail: undefined }), 'hotpath; fwd=method'],
  ])('%s', (formatted, expected) => {
    expect(formatted).toBe(expected)
  })
})
