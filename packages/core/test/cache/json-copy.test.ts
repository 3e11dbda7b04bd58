import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { copyJson } from '../../src/cache/json-copy.ts'

describe('copyJson()', () => {
  it('gives what JSON gives, for all that JSON can write', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const value: unknown = JSON.parse(text)
        if (typeof value !== 'object' || value === null || text.includes('-0')) return

        expect(copyJson(value)?.copy).toStrictEqual(value)
        expect(JSON.stringify(copyJson(value)?.copy)).toBe(JSON.stringify(value))
      }),
    )
  })

  it('shares nothing with the value that can change', () => {
    const value = { list: [{ name: 'Lyon' }] }

    const copy = copyJson(value)?.copy as typeof value
    value.list[0] = { name: 'Paris' }

    expect(copy).toEqual({ list: [{ name: 'Lyon' }] })
    expect(Object.isFrozen(copy.list[0])).toBe(true)
  })

  it.each<[string, object]>([
    ['undefined', { a: undefined }],
    ['-0', [-0]],
    ['a hole', Object.assign(new Array(2), { 0: 1 })],
    ['a BigInt', [1n]],
    ['a Date', { at: new Date() }],
    ['an instance of a class', [new (class Point {})()]],
    ['an object without a prototype', Object.create(null)],
    ['an array of a class of its own', new (class Rows extends Array {})()],
    ['what only claims to be an array', Object.create(Array.prototype)],
    ['a toJSON of its own', { toJSON: () => 1 }],
    ['a far element of a sparse array', Object.assign([], { 4000000000: 1 })],
  ])('leaves what holds %s to others', (_, value) => {
    expect(copyJson(value)).toBeUndefined()
  })

  it('leaves out what is inherited', () => {
    const enumerable = { value: 1, enumerable: true, configurable: true }

    Object.defineProperty(Object.prototype, 'inherited', enumerable)
    const copy = copyJson({ own: 1 })?.copy as object
    Reflect.deleteProperty(Object.prototype, 'inherited')

    expect(Object.keys(copy)).toEqual(['own'])
  })

  it('copies what is large and shared by nobody', () => {
    const rows = Array.from({ length: 30_000 }, (_, id) => ({ id }))

    expect(copyJson(rows)?.copy).toEqual(rows)
  })

  it('leaves what is large and leads to one object often to others', () => {
    const one = { name: 'Lyon' }

    expect(copyJson(Array.from({ length: 30_000 }, () => one))).toBeUndefined()
  })
})
