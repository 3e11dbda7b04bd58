import { describe, expect, it } from 'vitest'
import { Fences, isInside } from '../../src/cache/fences.ts'

describe('Fences', () => {
  it('breaches every open fence of a key, and no other', () => {
    const fences = new Fences()
    const one = fences.open('a', '')
    const two = fences.open('a', '')
    const other = fences.open('b', '')

    fences.breach('a')

    expect([one.isBreached, two.isBreached, other.isBreached]).toEqual([true, true, false])
  })

  it('does not breach what begins after the invalidation', () => {
    const fences = new Fences()

    fences.breach('a')

    expect(fences.open('a', '').isBreached).toBe(false)
  })

  it('does not breach what was closed', () => {
    const fences = new Fences()
    const fence = fences.open('a', '')

    fences.close(fence)
    fences.close(fence)
    fences.breach('a')

    expect(fence.isBreached).toBe(false)
  })

  it('breaches a namespace and those inside it when it is cleared', () => {
    const fences = new Fences()
    const open = ['', '/a', '/a/b', '/ab', '/c'].map((path) => fences.open(`key${path}`, path))

    fences.breachAll('/a')

    expect(open.filter(({ isBreached }) => isBreached).map(({ path }) => path)).toEqual([
      '/a',
      '/a/b',
    ])
  })
})

describe('isInside()', () => {
  it.each<[string, string, boolean]>([
    ['/a', '', true],
    ['', '', true],
    ['/a', '/a', true],
    ['/a/b', '/a', true],
    ['/ab', '/a', false],
    ['', '/a', false],
  ])('%j in %j: %s', (path, outer, expected) => {
    expect(isInside(path, outer)).toBe(expected)
  })
})
