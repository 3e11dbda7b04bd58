import { describe, expect, it } from 'vitest'
import { systemRandom } from '../../src/base/random.ts'

describe('systemRandom', () => {
  it('draws numbers from 0 to 1', () => {
    const draws = Array.from({ length: 100 }, () => systemRandom.next())

    expect(draws.every((draw) => draw >= 0 && draw < 1)).toBe(true)
  })

  it('makes tokens of so many bytes in hexadecimal, no two alike', () => {
    const tokens = Array.from({ length: 100 }, () => systemRandom.token(8))

    expect(new Set(tokens).size).toBe(100)
    expect(tokens.every((token) => /^[0-9a-f]{16}$/.test(token))).toBe(true)
  })
})
