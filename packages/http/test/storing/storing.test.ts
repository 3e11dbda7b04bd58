import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BoundedMap } from '../../src/storing/bounded-map.ts'
import { HitForMiss } from '../../src/storing/hit-for-miss.ts'
import { responseSerializer } from '../../src/storing/response-serializer.ts'
import { type ResponseParts, StoredResponse } from '../../src/storing/stored-response.ts'
import { MOST_VARIANTS, VariantLimit } from '../../src/storing/variant-limit.ts'

const PARTS: ResponseParts = {
  status: 200,
  statusMessage: '',
  fields: [
    ['Content-Type', 'text/plain'],
    ['ETag', '"v1"'],
    ['Link', ['<a>', '<b>']],
  ],
  initialAgeMs: 0,
  audience: 'anyone',
  windows: { whileRevalidateMs: 0, ifErrorMs: 0, isStaleAllowed: true },
  vary: [],
  selection: '',
}

describe('responseSerializer', () => {
  it('brings back what it was given', () => {
    const parts = fc.record({
      status: fc.integer({ min: 200, max: 599 }),
      statusMessage: fc.string(),
      fields: fc.array(
        fc.tuple(fc.string(), fc.oneof(fc.string(), fc.array(fc.string(), { minLength: 1 }))),
      ),
      initialAgeMs: fc.nat(),
      audience: fc.constantFrom('anyone', 'unauthorized', 'anonymous'),
      windows: fc.record({
        whileRevalidateMs: fc.nat(),
        ifErrorMs: fc.nat(),
        isStaleAllowed: fc.boolean(),
      }),
      vary: fc.array(fc.string()),
      selection: fc.string(),
    }) as fc.Arbitrary<ResponseParts>
    fc.assert(
      fc.property(parts, fc.uint8Array(), (given, body) => {
        const bytes = responseSerializer.serialize(new StoredResponse(given, Buffer.from(body)))
        const { parts: read, body: readBody } = responseSerializer.deserialize(Buffer.from(bytes))

        expect(read).toEqual(given)
        expect([...readBody]).toEqual([...body])
      }),
    )
  })

  it('refuses what it has not written, or not to the end', () => {
    const bytes = Buffer.from(
      responseSerializer.serialize(new StoredResponse(PARTS, Buffer.from('body'))),
    )
    const broken = [
      Buffer.alloc(0),
      Buffer.from('{"json":true}'),
      bytes.subarray(0, 4),
      bytes.subarray(0, 40),
      Buffer.concat([Buffer.from([9]), bytes.subarray(1)]),
    ]

    for (const some of broken) expect(() => responseSerializer.deserialize(some)).toThrow()
  })

  it.each([
    ['no object', 'null'],
    ['a list', '[]'],
    ['nothing in it', '{}'],
    ['a status that is none', { status: 99 }],
    ['a status that is no number', { status: '200' }],
    ['a status with a part', { status: 200.5 }],
    ['a reason that is no text', { statusMessage: 1 }],
    ['fields that are no list', { fields: {} }],
    ['a field that is no pair', { fields: [['a', 'b', 'c']] }],
    ['a field with a number', { fields: [['a', 1]] }],
    ['a field with lines that are no text', { fields: [['a', ['b', null]]] }],
    ['an age below 0', { initialAgeMs: -1 }],
    ['an audience that is none', { audience: 'toString' }],
    ['windows that are none', { windows: null }],
    ['a window that is no number', { windows: { ...PARTS.windows, ifErrorMs: '1' } }],
    ['a Vary that is no list', { vary: 'accept' }],
    ['no selection', { selection: null }],
    ['a Cache-Control that is no text', { clientControl: 5 }],
    ['an odd flag', { isEtagOurs: 'yes' }],
  ])('refuses a head with %s', (_, odd) => {
    const head = typeof odd === 'string' ? odd : JSON.stringify({ ...PARTS, ...odd })
    const length = Buffer.alloc(4)
    length.writeUInt32LE(Buffer.byteLength(head))
    const good = responseSerializer.serialize(new StoredResponse(PARTS, Buffer.alloc(0)))

    const bytes = Buffer.concat([good.subarray(0, 1), length, Buffer.from(head)])

    expect(() => responseSerializer.deserialize(bytes)).toThrow('A head that is none of ours')
  })

  it('does not keep the buffer alive that it reads from, unless it is mostly the body', () => {
    const small = Buffer.from(
      responseSerializer.serialize(new StoredResponse(PARTS, Buffer.from('body'))),
    )
    const pool = Buffer.alloc(64 * 1024)
    small.copy(pool, 100)

    const { body } = responseSerializer.deserialize(pool.subarray(100, 100 + small.length))

    expect(body.buffer).not.toBe(pool.buffer)
    expect(body.buffer.byteLength).toBe(4)
  })
})

describe('StoredResponse', () => {
  const facts = {
    ageMs: 1_500,
    ttlMs: 28_500,
    via: 'memory',
    cacheName: 'hotpath',
    suffix: '',
  } as const
  const stored = new StoredResponse(PARTS, Buffer.from('body'))

  it('gives the head of a hit in one array, Age and Cache-Status at its end', () => {
    expect(stored.headOfHit(facts)).toEqual([
      'Content-Type',
      'text/plain',
      'ETag',
      '"v1"',
      'Link',
      ['<a>', '<b>'],
      'Age',
      '1',
      'Cache-Status',
      'hotpath; hit; ttl=28; detail=memory',
    ])
  })

  it('gives the same array again, with what has changed', () => {
    const head = stored.headOfHit(facts)

    const later = stored.headOfHit({ ...facts, ageMs: 2_000, ttlMs: 28_000, via: 'redis' })

    expect(later).toBe(head)
    expect(later.slice(-4)).toEqual([
      'Age',
      '2',
      'Cache-Status',
      'hotpath; hit; ttl=28; detail=redis',
    ])
  })

  it('leaves Cache-Status out where the cache has no name', () => {
    expect(stored.headOfHit({ ...facts, cacheName: undefined }).slice(-2)).toEqual(['Age', '1'])
  })

  it('gives the head of a 304 without what describes the content', () => {
    const names = stored.headOf304(facts).filter((_, index) => index % 2 === 0)

    expect(names).toEqual(['ETag', 'Link', 'Age', 'Cache-Status'])
  })

  it('counts its body and its fields', () => {
    const large = new StoredResponse(PARTS, Buffer.alloc(10_000))

    expect(large.bytes).toBeGreaterThan(10_000)
    expect(large.bytes - stored.bytes).toBe(10_000 - 4)
  })
})

describe('what is remembered', () => {
  it('BoundedMap forgets what was set longest ago', () => {
    const map = new BoundedMap<string, number>(2)
    map.set('a', 1)
    map.set('b', 2)
    map.set('a', 3)

    map.set('c', 4)

    expect([map.get('a'), map.get('b'), map.get('c'), map.size]).toEqual([3, undefined, 4, 2])
  })

  it('HitForMiss remembers a key for five seconds', () => {
    const hitForMiss = new HitForMiss()
    const key = 'k'.repeat(10_000)

    hitForMiss.remember(key, 0)

    expect([hitForMiss.has(key, 4_999), hitForMiss.has('other', 0)]).toEqual([true, false])
    expect([hitForMiss.has(key, 5_000), hitForMiss.has(key, 0)]).toEqual([false, false])
  })

  it('VariantLimit admits so many variants at a time, and more when some are over', () => {
    const limit = new VariantLimit()
    for (let index = 0; index < MOST_VARIANTS; index += 1) {
      limit.admit('key', `variant ${index}`, 0, index === 0 ? 10 : 1_000)
    }

    expect(limit.admit('key', 'variant 5', 1, 1_000)).toBe(true)
    expect(limit.admit('key', 'another', 1, 1_000)).toBe(false)
    expect(limit.admit('other key', 'another', 1, 1_000)).toBe(true)
    expect(limit.admit('key', 'another', 10, 1_000)).toBe(true)
  })
})
