import { describe, expect, it } from 'vitest'
import { deepFreeze, isPlainObject } from '../../src/cache/freeze.ts'

describe('deepFreeze()', () => {
  it('freezes plain objects and arrays as deep as they go', () => {
    const value = deepFreeze({ list: [{ name: 'a' }], bare: Object.assign(Object.create(null)) })

    expect(Object.isFrozen(value)).toBe(true)
    expect(Object.isFrozen(value.list)).toBe(true)
    expect(Object.isFrozen(value.list[0])).toBe(true)
    expect(Object.isFrozen(value.bare)).toBe(true)
  })

  it('freezes what lies in a Map or a Set', () => {
    const key = { id: 1 }
    const member = { id: 2 }
    const inner = { id: 3 }

    deepFreeze(new Map<unknown, unknown>([[key, new Set([member, [inner]])]]))

    expect([key, member, inner].every(Object.isFrozen)).toBe(true)
  })

  it('ends with cycles, through objects and through Maps', () => {
    const map = new Map<string, unknown>()
    const node: { self?: unknown; map: unknown } = { map }
    node.self = node
    map.set('node', node).set('map', map)

    deepFreeze(map)

    expect(Object.isFrozen(node)).toBe(true)
  })

  it.each([
    ['a Date', new Date(0)],
    ['a Buffer', Buffer.from('x')],
    ['a RegExp', /x/],
    ['an instance of a class', new (class Point {})()],
  ])('leaves %s as it is', (_, value) => {
    expect(Object.isFrozen(deepFreeze(value))).toBe(false)
  })

  it.each([5, 'text', null, undefined, true, 5n])('gives %s back', (value) => {
    expect(deepFreeze(value)).toBe(value)
  })
})

describe('isPlainObject()', () => {
  it.each<[unknown, boolean]>([
    [{}, true],
    [Object.create(null), true],
    [[], false],
    [new Date(), false],
    [new (class Point {})(), false],
    [Object.create({}), false],
  ])('%# is told', (value, expected) => {
    expect(isPlainObject(value as object)).toBe(expected)
  })
})
