import { describe, expect, it } from 'vitest'
import { KeyNames } from '../src/keys.ts'

describe('the names of clients', () => {
  it.each([
    { isInRedis: true, isShared: true, isAlone: false },
    { isInRedis: true, isShared: false, isAlone: true },
    { isInRedis: false, isShared: false, isAlone: false },
    { isInRedis: false, isShared: false, isAlone: true },
  ])('are short, however long what a client calls itself (%o)', (place) => {
    const names = new KeyNames('hotpath', place)
    const long = 'x'.repeat(16_000)

    const bases = [long, `${long}y`, 'short', ''].map((client) => names.base(client))

    expect(new Set(bases).size).toBe(4)
    expect(Math.max(...bases.map(({ length }) => length))).toBeLessThan(100)
  })

  it('are never those of another, even of one who knows how they are made', () => {
    const names = new KeyNames('hotpath', { isInRedis: false, isShared: false, isAlone: true })
    const victim = names.base('x'.repeat(100))

    expect(names.base(victim)).not.toBe(victim)
  })
})
