import { describe, expect, it } from 'vitest'
import { KeyNames } from '../src/keys.ts'

describe('the names of clients', () => {
  it.each([true, false])(
    'are short, however long what a client calls itself (hashed: %s)',
    (isHashed) => {
      const names = new KeyNames('hotpath', isHashed)
      const long = 'x'.repeat(16_000)

      const bases = [long, `${long}y`, 'short', ''].map((client) => names.base(client, false))

      expect(new Set(bases).size).toBe(4)
      expect(Math.max(...bases.map(({ length }) => length))).toBeLessThan(100)
    },
  )

  it('are never those of another, even of one who knows how they are made', () => {
    const names = new KeyNames('hotpath', false)
    const victim = names.base('x'.repeat(100), false)
    const hash = victim.slice(victim.indexOf('{') + 1, -1)

    expect(names.base(hash, false)).not.toBe(victim)
  })
})
