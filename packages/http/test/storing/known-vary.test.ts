import { describe, expect, it } from 'vitest'
import { KnownVary } from '../../src/storing/known-vary.ts'

describe('KnownVary', () => {
  it('knows by which fields the responses of a URL were last told apart', () => {
    const known = new KnownVary()

    known.remember('/a', ['x-a'])
    known.remember('/b', ['x-a'])
    known.remember('/a', ['x-b'])
    known.remember('/b', [])

    expect([known.get('/a'), known.get('/b'), known.get('/c')]).toEqual([
      ['x-b'],
      undefined,
      undefined,
    ])
  })

  it('a flood of keys makes it forget the oldest, however long they are', () => {
    const known = new KnownVary()
    const long = 'x'.repeat(8_000)

    for (let index = 0; index <= 10_000; index += 1) known.remember(`${index}${long}`, ['x-a'])

    expect(known.get(`0${long}`)).toBeUndefined()
    expect(known.get(`10000${long}`)).toEqual(['x-a'])
  })
})
