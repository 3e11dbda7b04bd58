import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { builtInCodec, customCodec, KIND } from '../../src/cache/codec.ts'
import { decideUse, type Entry } from '../../src/cache/entry.ts'
import {
  FRESH_UNTIL_OFFSET,
  freshnessOf,
  readEntry,
  readHeader,
  STALE_OFFSET,
  type Written,
  writeEntry,
} from '../../src/cache/wire-format.ts'

const REDIS_NOW_MS = 1_700_000_000_000
const OUR_NOW_MS = 5_000

const lifetime = { ttlMs: 1_000, staleWhileRevalidateMs: 200, staleIfErrorMs: 3_000 }

function written(value: unknown, changes: Partial<Written> = {}): Buffer {
  const bytes = writeEntry({
    encoded: builtInCodec.prepare(value).encoded(),
    tags: [],
    stamp: { era: 'abc', epoch: 7 },
    lifetime,
    loadMs: 0,
    ...changes,
  })
  bytes.writeDoubleLE(REDIS_NOW_MS + lifetime.ttlMs, FRESH_UNTIL_OFFSET)
  return bytes
}

function read(bytes: Buffer, redisNowMs = REDIS_NOW_MS, codec = builtInCodec): Entry {
  const entry = readEntry(bytes, readHeader(bytes), redisNowMs, codec, OUR_NOW_MS)
  if (entry instanceof Promise) throw new Error('Nothing here is large enough to take its time')
  return entry
}

describe('An entry in Redis', () => {
  it('comes back as it was written', () => {
    const number = fc.double({ min: 0, max: 1e14, noNaN: true })
    fc.assert(
      fc.property(
        fc.json(),
        fc.array(fc.string({ minLength: 1, unit: 'binary' })),
        fc.stringMatching(/^[0-9a-f.]{0,153}$/),
        fc.nat(Number.MAX_SAFE_INTEGER),
        fc.record({ ttlMs: number, staleWhileRevalidateMs: number, staleIfErrorMs: number }),
        fc.nat(0xffff_ffff),
        (json, tags, era, epoch, life, loadMs) => {
          const value: unknown = JSON.parse(json)

          const entry = read(
            written(value, { tags, stamp: { era, epoch }, lifetime: life, loadMs }),
          )

          expect(entry.value).toEqual(value)
          expect(entry.tags).toEqual(tags)
          expect(entry.stamp).toEqual({ era, epoch })
          expect(entry.lifetime).toEqual(life)
          expect(entry.loadMs).toBe(loadMs)
        },
      ),
    )
  })

  it('is fresh for what remains by the clock of Redis, told by the clock of the reader', () => {
    const entry = read(written('v'), REDIS_NOW_MS + 400)

    expect(entry.freshUntilMs).toBe(OUR_NOW_MS + 600)
    expect(entry.revalidateUntilMs).toBe(OUR_NOW_MS + 800)
    expect(entry.usableOnErrorUntilMs).toBe(OUR_NOW_MS + 3_600)
    expect(entry.createdAtMs).toBe(OUR_NOW_MS - 400)
  })

  it('holds the longer of its stale windows where the expire script looks for it', () => {
    expect(written('v').readDoubleLE(STALE_OFFSET)).toBe(3_000)
  })

  it.each([
    ['a Buffer', Buffer.from([0, 255, 1])],
    ['a Uint8Array', Uint8Array.from([0, 255, 1])],
    ['text that is not ASCII', 'héllo \u{1f600} \ud800'],
  ])('carries %s byte for byte', (_, value) => {
    expect(read(written(value)).value).toEqual(value)
  })

  it('cannot be read when it was cut short, wherever', () => {
    const bytes = written({ name: 'Lyon' }, { tags: ['city:7', 'country:FR'] })

    for (let length = 0; length < bytes.length; length += 1) {
      expect(() => read(bytes.subarray(0, length))).toThrow(Error)
    }
  })

  it('cannot be read with bytes after its end', () => {
    expect(() => read(Buffer.concat([written('v'), Buffer.from('x')]))).toThrow('cut short')
  })

  it('cannot be read when it is of a later version', () => {
    const bytes = written('v')
    bytes[2] = 2

    expect(() => read(bytes)).toThrow('version 2')
  })

  it('cannot be read when it is somebody else’s', () => {
    expect(() => read(Buffer.from(JSON.stringify({ value: 'x'.repeat(100) })))).toThrow(
      'Not an entry',
    )
  })

  it('cannot be read when its kind of payload is unknown', () => {
    const bytes = written('v', { encoded: { kind: 15, payload: '"v"' } })

    expect(() => read(bytes)).toThrow('kind of payload 15')
  })

  it('cannot be read by a cache with another serializer', () => {
    const codec = customCodec({
      serialize: (value) => Buffer.from(String(value)),
      deserialize: String,
    })
    const custom = written('v', { encoded: codec.prepare('v').encoded() })

    expect(custom[3]).toBe(KIND.custom)
    expect(() => read(custom)).toThrow('kind of payload')
    expect(() => read(written('v'), REDIS_NOW_MS, codec)).toThrow('another serializer')
  })

  it('cannot be read with any one bit flipped, but for its freshness', () => {
    const genuine = written({ name: 'Lyon' }, { tags: ['city:7'] })
    for (let bit = 0; bit < genuine.length * 8; bit += 1) {
      const bytes = Buffer.from(genuine)
      const offset = bit >> 3
      bytes[offset] = (bytes[offset] as number) ^ (1 << (bit & 7))
      const isFreshness = offset >= FRESH_UNTIL_OFFSET && offset < FRESH_UNTIL_OFFSET + 8

      if (isFreshness) expect(read(bytes).value).toEqual({ name: 'Lyon' })
      else expect(() => read(bytes)).toThrow(Error)
    }
  })

  it.each([
    ['far in the future', REDIS_NOW_MS * 1_000],
    ['Infinity', Number.POSITIVE_INFINITY],
  ])('whose freshness ends %s is fresh for its ttl at most', (_, freshUntilMs) => {
    const bytes = written('v')
    bytes.writeDoubleLE(freshUntilMs, FRESH_UNTIL_OFFSET)

    expect(read(bytes).freshUntilMs).toBe(OUR_NOW_MS + lifetime.ttlMs)
  })

  it('whose freshness is no number is of no use', () => {
    const bytes = written('v')
    bytes.writeDoubleLE(Number.NaN, FRESH_UNTIL_OFFSET)

    expect(decideUse(read(bytes), OUR_NOW_MS)).toBe('unusable')
  })

  it('throws or gives an entry for any bytes, and does nothing else', () => {
    const genuine = written({ name: 'Lyon' }, { tags: ['city:7'] })
    const mangled = fc
      .array(fc.tuple(fc.nat(genuine.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 })
      .map((changes) => {
        const bytes = Buffer.from(genuine)
        for (const [offset, byte] of changes) bytes[offset] = byte
        return bytes
      })
    const anyBytes = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes))
    fc.assert(
      fc.property(fc.oneof(mangled, anyBytes), (bytes) => {
        try {
          expect(Array.isArray(read(bytes).tags)).toBe(true)
        } catch (error) {
          expect(error).toBeInstanceOf(Error)
        }
      }),
    )
  })
})

describe('freshnessOf()', () => {
  it('copies the field, so that the reply it came in can go', () => {
    const bytes = written('v')

    const freshness = freshnessOf(bytes) as Buffer
    bytes.fill(0)

    expect(freshness.readDoubleLE(0)).toBe(REDIS_NOW_MS + lifetime.ttlMs)
  })

  it('is empty where there are no bytes, or too few', () => {
    expect(freshnessOf(null)).toBe('')
    expect(freshnessOf(Buffer.from('foreign')).length).toBe(0)
  })
})
