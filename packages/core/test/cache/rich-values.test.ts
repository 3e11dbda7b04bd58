import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { builtInCodec, KIND } from '../../src/cache/codec.ts'

function decode(items: unknown): unknown {
  return builtInCodec.decode(KIND.rich, Buffer.from(JSON.stringify(items)), 0)
}

describe('Rich values that an attacker has written', () => {
  it('come to a value or an Error, and touch no prototype', () => {
    const tag = fc.constantFrom(
      ...['Date', 'Set', 'Map', 'RegExp', 'Object', 'BigInt', 'null', 'ArrayBuffer', 'DataView'],
      ...[
        'Uint8Array',
        'Float64Array',
        'URL',
        'URLSearchParams',
        'Buffer',
        'Error',
        'Temporal.Instant',
      ],
    )
    const index = fc.integer({ min: -8, max: 8 })
    const name = fc.constantFrom('__proto__', 'constructor', 'name', 'message', 'own', 'stack', 'a')
    const leaf = fc.oneof(fc.string(), fc.double(), fc.boolean(), fc.constant(null))
    const item = fc.oneof(
      leaf,
      fc.array(index),
      fc.dictionary(name, index),
      fc
        .tuple(tag, fc.array(fc.oneof(index, fc.string(), name)))
        .map(([type, rest]) => [type, ...rest]),
    )
    const names = Object.getOwnPropertyNames(Object.prototype)
    fc.assert(
      fc.property(fc.array(item, { minLength: 1, maxLength: 8 }), (items) => {
        try {
          decode(items)
        } catch (error) {
          expect(error).toBeInstanceOf(Error)
        }
        expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(names)
      }),
      { numRuns: 5_000 },
    )
  })

  it.each<[string, unknown]>([
    ['a __proto__ key', [JSON.parse('{"__proto__":1}'), { polluted: 2 }, true]],
    ['a __proto__ key of an object without a prototype', [['null', '__proto__', 1], {}]],
    ['a type that nobody has registered', [['constructor', 1], {}]],
    ['a typed array of a length instead of bytes', [['Uint8Array', 1], 4_000_000_000]],
    ['a Buffer of a length instead of bytes', [['Buffer', 1], 4_000_000_000]],
    ['an Error without its parts', [['Error', 1], 'text']],
    ['an Error whose own properties are none', [['Error', 1], { message: 2, own: 3 }, 'm', null]],
    ['an Error that is made of itself', [['Error', 0]]],
    ['no list', { a: 1 }],
  ])('are refused for %s', (_, items) => {
    expect(() => decode(items)).toThrow(Error)
  })

  it('take no more room than they are long for an array that claims to be huge', () => {
    const value = decode([[-7, 4_000_000_000, 0, 1], 'item']) as unknown[]

    expect([value.length, value[0]]).toEqual([4_000_000_000, 'item'])
  })

  it('are frozen in time that grows with their length, however often they lead to one list', () => {
    const long = Array.from({ length: 20_000 }, () => 2)
    const root = Array.from({ length: 20_000 }, () => 1)

    const value = decode([root, long, 'leaf']) as unknown[][]

    expect(Object.isFrozen(value[19_999])).toBe(true)
  })
})
