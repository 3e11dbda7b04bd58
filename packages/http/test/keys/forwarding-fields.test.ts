import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readForwarding } from '../../src/keys/forwarding-fields.ts'

const read = (forwarded: string) => readForwarding({ forwarded })[0]?.[1]

describe('readForwarding()', () => {
  it('reads fields in one order, however they came', () => {
    const one = readForwarding({ 'x-host': 'a', 'x-forwarded-host': 'b', accept: '*/*' })
    const other = readForwarding({ 'x-forwarded-host': 'b', 'x-host': 'a' })

    expect(one).toEqual([
      ['x-forwarded-host', 'b'],
      ['x-host', 'a'],
    ])
    expect(other).toEqual(one)
  })

  it.each([
    ['for=10.0.0.1;host=a;proto=https', ';host=a;proto=https'],
    ['host=a;for="[2001:db8::1]:80"', 'host=a;'],
    ['For=1.2.3.4, by=proxy;host=a', ',;host=a'],
    ['for=_hidden', ''],
  ])('Forwarded: %s without its addresses is %s', (value, rest) => {
    expect(read(value)).toBe(rest)
  })

  it.each(['host="a;for=evil;b"', 'for="x;host=evil"', 'host=a;for="evil, host=b"'])(
    'Forwarded: %s counts as it is, for it may be read in more than one way',
    (value) => {
      expect(read(value)).toBe(value)
    },
  )

  it('what is left of it says the same when it is read again', () => {
    const pieces = fc.constantFrom(
      'for=',
      'by=',
      'host=',
      'a',
      '1.2.3.4',
      '"',
      ';',
      ',',
      ' ',
      '[:]',
    )
    const values = fc.array(pieces, { maxLength: 12 }).map((found) => found.join(''))

    fc.assert(
      fc.property(values, (value) => {
        expect(read(read(value) ?? '')).toBe(read(value))
      }),
      { numRuns: 2_000 },
    )
  })
})
