import { describe, expect, it } from 'vitest'
import { describeFound, HotpathError, invalidOption } from '../../src/base/errors.ts'

describe('HotpathError', () => {
  it('carries a stable code, the page that explains it, and its cause', () => {
    const cause = new Error('underneath')

    const error = new HotpathError('ERR_OPTION_INVALID', 'ttl is wrong', { cause })

    expect(error).toBeInstanceOf(Error)
    expect(error.name).toBe('HotpathError')
    expect(error.code).toBe('ERR_OPTION_INVALID')
    expect(error.cause).toBe(cause)
    expect(error.message).toMatch(
      /^ttl is wrong \[ERR_OPTION_INVALID, see https:.*ERR_OPTION_INVALID\.md\]$/,
    )
  })
})

describe('invalidOption()', () => {
  it('says which option, what was found and what was wanted', () => {
    const error = invalidOption('jitter', 2, 'at most 1')

    expect(error.code).toBe('ERR_OPTION_INVALID')
    expect(error.message).toMatch(/^jitter: found 2, wanted at most 1 \[/)
  })
})

describe('describeFound()', () => {
  it.each<[unknown, string]>([
    ['soon', '"soon"'],
    ['line\nbreak', String.raw`"line\nbreak"`],
    [undefined, 'undefined'],
    [null, 'null'],
    [-1, '-1'],
    [10n, '10'],
    [Symbol('s'), 'Symbol(s)'],
    [() => 1, 'a function'],
    [[1, 2], 'an array of 2'],
    [Object.create(null), 'an object'],
  ])('shows %o as %s', (found, shown) => {
    expect(describeFound(found)).toBe(shown)
  })

  it('cuts long text short', () => {
    expect(describeFound('x'.repeat(1_000)).length).toBeLessThan(70)
  })
})
