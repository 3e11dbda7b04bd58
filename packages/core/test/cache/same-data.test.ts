import { expect, it } from 'vitest'
import { isSameData } from '../../src/cache/same-data.ts'

const shared = new Map([[1, 2]])

it.each<[unknown, unknown]>([
  [0, 0],
  [Number.NaN, Number.NaN],
  ['a', 'a'],
  [undefined, undefined],
  [
    { a: 1, b: [1, { c: null }] },
    { b: [1, { c: null }], a: 1 },
  ],
  [new Date(5), new Date(5)],
  [new Date(Number.NaN), new Date(Number.NaN)],
  [{ shared }, { shared }],
])('%o is the same data as %o', (one, other) => {
  expect(isSameData(one, other)).toBe(true)
  expect(isSameData(other, one)).toBe(true)
})

it.each<[unknown, unknown]>([
  [0, -0],
  [1, '1'],
  [null, undefined],
  [null, {}],
  [{ a: 1 }, { a: 2 }],
  [{ a: undefined }, {}],
  [{ a: undefined }, { b: undefined }],
  [{ a: 1 }, { a: 1, b: 2 }],
  [
    [1, 2],
    [2, 1],
  ],
  [[1], [1, undefined]],
  [[], {}],
  [new Date(5), new Date(6)],
  [new Date(5), { getTime: () => 5 }],
  [{}, Object.create(null)],
  // Alike perhaps, but nobody can look inside all of them.
  [new Map([[1, 2]]), new Map([[1, 2]])],
  [new URL('http://a'), new URL('http://a')],
  [Buffer.from('a'), Buffer.from('a')],
  [new (class A {})(), new (class A {})()],
])('%o is other data than %o', (one, other) => {
  expect(isSameData(one, other)).toBe(false)
  expect(isSameData(other, one)).toBe(false)
})

it('comes to an end on cycles', () => {
  const one: { self?: unknown } = {}
  const other: { self?: unknown } = {}
  one.self = one
  other.self = other

  expect(isSameData(one, other)).toBe(false)
  expect(isSameData(one, one)).toBe(true)
})
