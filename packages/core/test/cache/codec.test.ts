import { isDeepStrictEqual } from 'node:util'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { builtInCodec, customCodec, KIND } from '../../src/cache/codec.ts'

/** What Redis gives back; memory gives an equal value, or this fails. */
function roundTrip<V>(value: V): V {
  const prepared = builtInCodec.prepare(value)
  const { kind, payload } = prepared.encoded()
  const back = builtInCodec.decode(kind, Buffer.from(payload as Uint8Array), 0) as V
  if (!isDeepStrictEqual(prepared.value, back)) expect(prepared.value).toStrictEqual(back)
  return back
}

const EACH_VIEW = [
  Int8Array.from([-1]),
  Uint8ClampedArray.from([255]),
  Int16Array.from([-2]),
  Uint16Array.from([2]),
  Int32Array.from([-3]),
  Uint32Array.from([3]),
  Float32Array.from([0.5]),
  Float64Array.from([-0, Number.NaN]),
  BigInt64Array.from([-4n]),
  BigUint64Array.from([4n]),
]

function withHoles(array: unknown[]): unknown[] {
  array.forEach((item, index) => {
    if (item === undefined) delete array[index]
  })
  return array
}

const anyData = fc.anything({
  // See "does not let a __proto__ key touch any prototype".
  key: fc.string().filter((key) => key !== '__proto__'),
  withBigInt: true,
  withDate: true,
  withMap: true,
  withNullPrototype: true,
  withSet: true,
  withSparseArray: true,
  withTypedArray: true,
  withUnicodeString: true,
})

describe('The built-in codec', () => {
  it('brings any data back as it was', () => {
    fc.assert(
      fc.property(anyData, (value) => {
        const back = roundTrip(value)

        if (!isDeepStrictEqual(back, value)) expect(back).toStrictEqual(value)
      }),
      { numRuns: 1_000 },
    )
  })

  it('brings any text back, lone surrogates included', () => {
    const anyText = fc
      .array(fc.integer({ min: 0, max: 0xffff }))
      .map((units) => String.fromCharCode(...units))
    fc.assert(
      fc.property(anyText, fc.boolean(), (text, isRich) => {
        const value = isRich ? { [text]: text, rich: undefined } : { [text]: text }

        expect(roundTrip(value)).toStrictEqual(value)
      }),
    )
  })

  it.each<[string, unknown]>([
    ['0', 0],
    ['-0', -0],
    ['NaN', Number.NaN],
    ['Infinity', Number.POSITIVE_INFINITY],
    ['an empty string', ''],
    ['false', false],
    ['null', null],
    ['undefined', undefined],
    ['a BigInt', 2n ** 70n],
    ['a Date', new Date(1_700_000_000_123)],
    ['an invalid Date', new Date(Number.NaN)],
    ['a RegExp', /a\/b[^\d]+/giu],
    ['a Map', new Map<unknown, unknown>([[{ id: 1 }, [new Date(0)]]])],
    ['a Set', new Set([1, 'a', undefined])],
    ['a Uint8Array', Uint8Array.from([0, 128, 255])],
    ['a Float64Array', Float64Array.from([0.5, -0, Number.NaN])],
    ['an ArrayBuffer', Uint8Array.from([1, 2]).buffer],
    ['a URL', new URL('https://example.org/a?b#c')],
    ['URLSearchParams', new URLSearchParams('a=1&a=2&b=%20')],
    ['each kind of typed array', EACH_VIEW],
    ['a DataView', new DataView(Uint8Array.from([1, 2, 3]).buffer)],
    ['boxed primitives', [Object(1), Object('text'), Object(false), Object(1n)]],
    ['a RegExp without flags', /(?<year>\d{4})/],
    ['a date before the year 0', new Date(-8.64e15)],
    ['a Map in a Set in a Map', new Map([['set', new Set([new Map([[Number.NaN, -0]])])]])],
    ['keys that look like indices', { 1: 'a', b: 'c', 0: undefined }],
    ['an array of holes alone', new Array(3)],
    ['a far element of a sparse array', Object.assign([], { 1000000: 'far' })],
    ['nested undefined', { a: undefined, b: [undefined] }],
    ['an array with holes', withHoles([1, undefined, 3, undefined])],
    ['an object without a prototype', Object.assign(Object.create(null), { a: 1 })],
    ['nested -0 and NaN', { a: [-0, Number.NaN] }],
    ['bytes inside an object', { file: Buffer.from('bytes'), view: Uint8Array.from([1]) }],
  ])('brings %s back as it was', (_, value) => {
    expect(roundTrip(value)).toStrictEqual(value)
  })

  it('brings a Buffer back as a Buffer, at the top and inside', () => {
    const back = roundTrip({ file: Buffer.from('inner') })

    expect(Buffer.isBuffer(roundTrip(Buffer.from('top')))).toBe(true)
    expect(Buffer.isBuffer(back.file)).toBe(true)
    expect(back.file.toString()).toBe('inner')
  })

  it('brings a Uint8Array back as one that is no Buffer', () => {
    const back = roundTrip(Uint8Array.from([1, 2, 3]))

    expect(Buffer.isBuffer(back)).toBe(false)
    expect(back).toStrictEqual(Uint8Array.from([1, 2, 3]))
  })

  it('carries the part of a larger buffer that it was given, and no more', () => {
    const part = Buffer.from('secret:public:secret').subarray(7, 13)

    expect(roundTrip(part).toString()).toBe('public')
    expect(roundTrip({ part }).part.toString()).toBe('public')
    expect(roundTrip({ part }).part.buffer.byteLength).toBeLessThan(20)
  })

  it.each(EACH_VIEW.map((view) => [view.constructor.name, view] as const))(
    'carries the part that a %s shows of a larger buffer, and no more',
    (_, view) => {
      const View = view.constructor as Uint16ArrayConstructor
      const whole = new View(16)
      const part = whole.subarray(4, 6)

      const [first, second] = roundTrip([part, part])

      expect(first).toStrictEqual(part.slice())
      expect(first?.buffer.byteLength).toBe(part.byteLength)
      expect(second).toBe(first)
    },
  )

  it('brings back a RegExp with its search begun anew, as structuredClone does', () => {
    const regexp = /a/g
    regexp.lastIndex = 3

    expect(roundTrip(regexp).lastIndex).toBe(0)
    expect(regexp.lastIndex).toBe(3)
  })

  it('brings values of another realm back as their like of this one', () => {
    const foreign = runInNewContext(`({
      at: new Date(5), map: new Map([[1, { nested: new Set([2]) }]]), bare: {}, error: new TypeError('x')
    })`)

    const back = roundTrip({ foreign }).foreign

    expect(back).toEqual({
      at: new Date(5),
      map: new Map([[1, { nested: new Set([2]) }]]),
      bare: {},
      error: new TypeError('x'),
    })
    expect(back.at).toBeInstanceOf(Date)
  })

  it('reads a getter once and keeps what it gave', () => {
    let reads = 0
    const value = {
      get total() {
        reads += 1
        return reads
      },
    }

    expect(roundTrip(value)).toStrictEqual({ total: 1 })
  })

  it('asks toJSON wherever it is defined, for JSON and for what JSON cannot carry', () => {
    class Rows extends Array<number> {
      toJSON(): unknown {
        return { rows: [...this] }
      }
    }
    class Self {
      readonly id = 1
      toJSON(): this {
        return this
      }
    }
    const plain = { id: 2, toJSON: () => ({ id: 2n }) }

    expect(roundTrip([Rows.from([1, 2]), new Self(), plain])).toStrictEqual([
      { rows: [1, 2] },
      { id: 1 },
      { id: 2n },
    ])
  })

  it('leaves out what is no data: keys that are symbols, and names that an array has', () => {
    const match = Object.assign(['b'], { index: 1 })
    const marked = { [Symbol('mark')]: 1, name: 'Lyon' }

    expect(roundTrip([match, marked])).toEqual([['b'], { name: 'Lyon' }])
    expect(roundTrip([match, marked, undefined])).toEqual([['b'], { name: 'Lyon' }, undefined])
    expect(Object.keys(roundTrip([match, undefined])[0] ?? {})).toEqual(['0'])
  })

  it('ends with what is shared at each of many levels', () => {
    let value: unknown = { name: 'Lyon' }
    for (let level = 0; level < 60; level += 1) value = [value, value]

    // Not compared as a whole, which would take for ever.
    const [first, second] = builtInCodec.prepare(value).value as unknown[]

    expect(second === first).toBe(true)
  })

  it('tells about how many bytes a value takes', () => {
    const rows = Array.from({ length: 100 }, (_, id) => ({ id, name: `City ${id}`, ok: true }))
    const { bytes } = builtInCodec.prepare(rows)

    expect(bytes / JSON.stringify(rows).length).toBeGreaterThan(0.7)
    expect(bytes / JSON.stringify(rows).length).toBeLessThan(1.5)
  })

  it('gives a Buffer a memory of its own, which no other keeps alive', () => {
    const { value } = builtInCodec.prepare(Buffer.from('small'))

    expect(value.buffer.byteLength).toBe(5)
  })

  it('brings a cycle back as a cycle', () => {
    const list: { next?: unknown; items: unknown[] } = { items: [] }
    list.next = list
    list.items.push(list.items)

    const back = roundTrip(list)

    expect(back.next).toBe(back)
    expect(back.items[0]).toBe(back.items)
  })

  it('brings what is shared back as shared, where JSON would not do', () => {
    const city = { name: 'Lyon', since: new Date(0) }

    const [first, second] = roundTrip([city, city])

    expect(first).toBe(second)
  })

  it('gives an instance of a class as what its toJSON says, or as its own properties', () => {
    class Money {
      readonly cents: bigint = 5n
    }
    class Id {
      readonly #value = 7
      toJSON(): string {
        return `id-${this.#value}`
      }
    }

    expect(roundTrip({ price: new Money(), id: new Id() })).toStrictEqual({
      price: { cents: 5n },
      id: 'id-7',
    })
  })

  it('brings a cycle through instances of a class back as a cycle', () => {
    class Folder {
      parent: Folder | undefined
      readonly children: Folder[] = []
    }
    const root = new Folder()
    const child = new Folder()
    child.parent = root
    root.children.push(child)

    const back = roundTrip(root)

    expect(back.children[0]?.parent).toBe(back)
    expect(back.children[0]?.children).toEqual([])
  })

  it('does not ask an instance twice, however often it occurs', () => {
    let asked = 0
    class Price {
      toJSON(): string {
        asked += 1
        return `price ${asked}`
      }
    }
    const price = new Price()

    const back = roundTrip([price, new Map([['price', price]])])

    expect(back).toStrictEqual(['price 1', new Map([['price', 'price 1']])])
  })

  it.each<[string, unknown]>([
    ['a function', () => 1],
    ['a symbol', Symbol('s')],
    ['a nested function', { list: [() => 1] }],
    ['a promise', { later: Promise.resolve(1) }],
    ['a WeakMap', { notes: new WeakMap() }],
    ['a boxed symbol', [Object(Symbol('s'))]],
    ['what keeps its data to itself', { headers: new Headers({ accept: 'text/html' }) }],
    ['a SharedArrayBuffer', new SharedArrayBuffer(8)],
    ['a generator', (function* () {})()],
  ])('refuses %s, saying what a value may be', (_, value) => {
    expect(() => builtInCodec.prepare(value)).toThrow(
      expect.objectContaining({
        code: 'ERR_CACHE_VALUE',
        message: expect.stringContaining('Wanted data'),
      }),
    )
  })

  it('does not let a __proto__ key touch any prototype', () => {
    const evil: object = JSON.parse('{"__proto__": {"polluted": true}, "a": 1}')

    const back = roundTrip(evil)

    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
    expect(Object.getPrototypeOf(back)).toBe(Object.prototype)
    expect(Object.hasOwn(back, '__proto__')).toBe(true)
    expect(() => roundTrip({ evil, since: new Date(0) })).toThrow('__proto__ keys')
  })

  it('freezes what it gives, so that one caller cannot change what others see', () => {
    const back = roundTrip({ cities: [{ name: 'Lyon' }], since: new Date(0) })

    expect(Object.isFrozen(back)).toBe(true)
    expect(Object.isFrozen(back.cities[0])).toBe(true)
  })

  it('keeps JSON where JSON loses nothing', () => {
    expect(builtInCodec.prepare({ a: [1, 'x', null, true] }).encoded()).toEqual({
      kind: KIND.json,
      payload: '{"a":[1,"x",null,true]}',
    })
  })

  it('carries an object that is deeply nested', () => {
    let deep: unknown = 'bottom'
    for (let depth = 0; depth < 500; depth += 1) deep = { deep }

    expect(roundTrip(deep)).toStrictEqual(deep)
  })
})

describe('An Error in the cache', () => {
  it.each([
    new Error('plain'),
    new TypeError('typed'),
    new RangeError('ranged', { cause: new Error('underneath', { cause: 'text' }) }),
  ])('keeps its type, message, stack and cause: %s', (error) => {
    const back = roundTrip(error)

    expect(back).toStrictEqual(error)
    expect(back.constructor).toBe(error.constructor)
    expect(back.stack).toBe(error.stack)
    expect(back.cause).toStrictEqual(error.cause)
  })

  it('keeps its own properties', () => {
    const error = Object.assign(new Error('refused'), { code: 'ECONNREFUSED', at: new Date(0) })

    expect(roundTrip(error)).toMatchObject({ code: 'ECONNREFUSED', at: new Date(0) })
  })

  it('keeps the name of a class that is not known when it comes back', () => {
    class CityNotFound extends Error {
      override readonly name = 'CityNotFound'
    }

    const back = roundTrip(new CityNotFound('Atlantis'))

    expect(back).toBeInstanceOf(Error)
    expect(String(back)).toBe('CityNotFound: Atlantis')
  })

  it('keeps the errors of an AggregateError', () => {
    const back = roundTrip(new AggregateError([new TypeError('a'), new Error('b')], 'both'))

    expect(back).toBeInstanceOf(AggregateError)
    expect(back.message).toBe('both')
    expect(back.errors.map(String)).toEqual(['TypeError: a', 'Error: b'])
  })

  it('is refused when it leads back to itself, for it would not come back whole', () => {
    const error: Error & { self?: unknown } = new Error('cyclic')
    error.self = { list: [error] }

    expect(() => builtInCodec.prepare(error)).toThrow(
      expect.objectContaining({
        code: 'ERR_CACHE_VALUE',
        message: expect.stringContaining('leads back to itself'),
      }),
    )
  })

  it('freezes the plain data that it carries', () => {
    const error = new Error('refused', { cause: { list: [1] } })
    const back = roundTrip(Object.assign(error, { details: { id: 1 } }))

    expect(Object.isFrozen(back.details)).toBe(true)
    expect(Object.isFrozen((back.cause as { list: unknown }).list)).toBe(true)
  })

  it.each(['constructor', 'toString', '__proto__', 'Object', ''])(
    'may have the name %j and is an Error all the same',
    (name) => {
      const error = new Error('odd')
      Object.defineProperty(error, 'name', { value: name })

      const back = roundTrip(error)

      expect(back).toBeInstanceOf(Error)
      expect([back.name, back.message]).toEqual([name, 'odd'])
    },
  )

  it('may occur twice', () => {
    const error = new Error('shared')

    const [first, second] = roundTrip([error, { error }]) as [Error, { error: Error }]

    expect(second.error).toBe(first)
  })

  it('does not show more properties than it had', () => {
    expect(Object.keys(roundTrip(new TypeError('x', { cause: 1 })))).toEqual([])
    expect('cause' in roundTrip(new TypeError('x'))).toBe(false)
  })
})

describe('A serializer of the user’s own', () => {
  const serializer = {
    serialize: (value: unknown) => Buffer.from(`<${String(value)}>`),
    deserialize: (bytes: Buffer) => bytes.toString().slice(1, -1),
  }

  it('writes and reads every value', () => {
    const codec = customCodec(serializer)

    const { value, encoded } = codec.prepare('v')
    const { kind, payload } = encoded()

    expect(value).toBe('v')
    expect(kind).toBe(KIND.custom)
    expect(codec.decode(kind, payload as Buffer, 0)).toBe('v')
  })

  it('is not given what another has written', () => {
    const { kind, payload } = builtInCodec.prepare('v').encoded()

    expect(() => customCodec(serializer).decode(kind, Buffer.from(payload), 0)).toThrow(
      'another serializer',
    )
  })

  it('may tell the size of a value, which is then kept as it is', () => {
    const codec = customCodec({ ...serializer, sizeOf: () => 41.5 })
    const value = { as: 'it is' }

    expect(codec.prepare(value)).toMatchObject({ bytes: 42 })
    expect(codec.prepare(value).value).toBe(value)
    expect(customCodec(serializer).prepare(value).value).not.toBe(value)
  })
})
