import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Duration, parseDuration, requireDuration } from '../../src/base/duration.ts'

describe('parseDuration()', () => {
  it.each<[Duration, number]>([
    [0, 0],
    [1_500, 1_500],
    [0.5, 0.5],
    ['250ms', 250],
    ['30s', 30_000],
    ['5m', 300_000],
    ['1.5h', 5_400_000],
    ['7d', 604_800_000],
    ['2w', 1_209_600_000],
  ])('reads %j as %d ms', (input, ms) => {
    expect(parseDuration(input)).toBe(ms)
  })

  it.each([
    -1,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    '',
    '5',
    '5 m',
    ' 5m',
    '5M',
    '-5m',
    '1e3ms',
    '.5s',
    '5m30s',
    '9999999999999w',
    null,
    undefined,
    true,
    {},
    [5],
    5n,
  ])('refuses %o', (input) => {
    expect(parseDuration(input)).toBeUndefined()
  })

  it('gives a length that is never negative for any text', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.stringMatching(/^\d+(\.\d+)?(ms|s|m|h|d|w)$/)),
        (text) => {
          const ms = parseDuration(text)

          expect(ms === undefined || (ms >= 0 && Number.isFinite(ms))).toBe(true)
        },
      ),
    )
  })
})

describe('requireDuration()', () => {
  it('names the option, what was found and what was wanted', () => {
    const parse = () => requireDuration('ttl', 'soon')

    expect(parse).toThrow(
      'ttl: found "soon", wanted a duration: milliseconds as a number that is not negative, or text such as "250ms"',
    )
  })
})
