import { randomBytes } from 'node:crypto'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Encoded, KIND } from '../../src/cache/codec.ts'
import {
  type Compression,
  compress,
  compressionSchema,
  decompress,
  LARGEST_BYTES,
  plainKind,
} from '../../src/cache/compression.ts'
import { FORMATS } from '../../src/cache/compression-formats.ts'
import type { CompressionAlgorithm, CompressionOptions } from '../../src/cache/types.ts'
import { createCache } from '../../src/index.ts'

const AVAILABLE = (Object.keys(FORMATS) as CompressionAlgorithm[]).filter(
  (algorithm) => FORMATS[algorithm] !== undefined,
)

function resolve(options: CompressionOptions): Compression {
  return compressionSchema.parse(options) as Compression
}

async function compressed(plain: Buffer, options: CompressionOptions): Promise<Encoded> {
  return compress({ kind: KIND.buffer, payload: plain }, resolve(options))
}

function asBuffer({ payload }: Encoded): Buffer {
  return Buffer.from(payload as Uint8Array)
}

const REPEATING = Buffer.from('{"city":"Lyon"}'.repeat(100))

describe.each(AVAILABLE)('A payload compressed by %s', (algorithm) => {
  it('comes back as it was, smaller than it was, at each size and level', async () => {
    const level = fc.integer(FORMATS[algorithm]?.levels ?? {})
    const text = fc.string({ minLength: 1, maxLength: 50 })
    await fc.assert(
      fc.asyncProperty(
        text,
        fc.integer({ min: 500, max: 4_000 }),
        level,
        async (word, times, at) => {
          const plain = Buffer.from(word.repeat(times))

          const encoded = await compressed(plain, { algorithm, level: at, threshold: 0 })

          expect(encoded.payload.length).toBeLessThan(plain.length)
          expect(plainKind(encoded.kind)).toBe(KIND.buffer)
          expect(await decompress(encoded.kind, asBuffer(encoded))).toEqual(plain)
        },
      ),
      { numRuns: 20 },
    )
  })

  it.each([
    ['at once when it is small', 32 * 1024, false],
    ['by another thread when it is large', 32 * 1024 + 1, true],
  ])('is made and read %s', async (_, size, isLater) => {
    const encoded = compress(
      { kind: KIND.buffer, payload: Buffer.alloc(size) },
      resolve({ algorithm }),
    )
    const { kind, payload } = await encoded

    const plain = decompress(kind, Buffer.from(payload as Uint8Array))

    expect([encoded instanceof Promise, plain instanceof Promise]).toEqual([isLater, isLater])
    expect(await plain).toEqual(Buffer.alloc(size))
  })

  it('is refused when it comes to more bytes than it says, or to fewer', async () => {
    for (const size of [2_000, 200_000]) {
      const { kind, payload } = await compressed(Buffer.alloc(size, 'a'), { algorithm })
      const bytes = Buffer.from(payload as Uint8Array)
      for (const claim of [size - 1, size + 1, 1_000]) {
        bytes.writeUInt32LE(claim)

        await expect(async () => decompress(kind, bytes)).rejects.toThrow(Error)
      }
    }
  })

  it('never throws anything but an Error, whatever its bytes', async () => {
    const { kind, payload } = await compressed(REPEATING, { algorithm })
    const genuine = Buffer.from(payload as Uint8Array)
    const change = fc.tuple(fc.nat(genuine.length - 1), fc.nat(255))
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
        const bytes = Buffer.from(genuine)
        for (const [offset, byte] of changes) bytes[offset] = byte
        try {
          expect(Buffer.isBuffer(await decompress(kind, bytes))).toBe(true)
        } catch (error) {
          expect(error).toBeInstanceOf(Error)
        }
      }),
    )
  })
})

describe('compress()', () => {
  it.each<[string, Buffer, CompressionOptions]>([
    ['smaller than the threshold', Buffer.alloc(1_023), {}],
    ['smaller than a threshold that was set', Buffer.alloc(5_000), { threshold: 5_001 }],
    ['that does not shrink', randomBytes(2_000), {}],
    ['that is large and does not shrink', randomBytes(100_000), {}],
    ['that was compressed before', gzipSync(randomBytes(3_000).toString('hex')), {}],
    ['of no bytes', Buffer.alloc(0), { threshold: 0 }],
    ['too large to be read again', Buffer.alloc(LARGEST_BYTES + 1), {}],
  ])('leaves what is %s as it is', async (_, plain, options) => {
    const encoded = await compressed(plain, options)

    expect(encoded.kind).toBe(KIND.buffer)
    expect(encoded.payload).toBe(plain)
  })

  it('uses brotli unless told', async () => {
    const encoded = await compressed(REPEATING, {})

    expect(encoded.kind >> 4).toBe(FORMATS.brotli?.id)
  })

  it('takes text as well', async () => {
    const text = 'é'.repeat(1_000)

    const encoded = await compress({ kind: KIND.json, payload: text }, resolve({}))

    expect(String(await decompress(encoded.kind, asBuffer(encoded)))).toBe(text)
  })
})

describe('decompress()', () => {
  const brotli = (FORMATS.brotli?.id ?? 0) << 4

  it('gives what is not compressed as it is', () => {
    expect(decompress(KIND.json, REPEATING)).toBe(REPEATING)
  })

  it.each([
    ['claims more than the largest size', LARGEST_BYTES + 1, brotliCompressSync(REPEATING)],
    ['claims to have grown by compression', 10, brotliCompressSync(REPEATING)],
    ['is no brotli', 5_000, Buffer.from('foreign')],
    ['is a bomb', 5_000, brotliCompressSync(Buffer.alloc(10_000_000))],
    ['is a bomb of some size', 1_000_000, brotliCompressSync(Buffer.alloc(10_000_000))],
  ])('refuses what %s', async (_, claim, packed) => {
    const length = Buffer.alloc(4)
    length.writeUInt32LE(claim)

    await expect(async () => decompress(brotli, Buffer.concat([length, packed]))).rejects.toThrow()
  })

  it('refuses what is too short to tell its length, and formats that it does not know', () => {
    expect(() => decompress(brotli, Buffer.alloc(3))).toThrow(RangeError)
    expect(() => decompress(0xf0, REPEATING)).toThrow('Compression 15')
  })
})

describe('The compression option', () => {
  it.each<[unknown, string]>([
    ['brotli', 'compression: found "brotli", wanted an object'],
    [{ algorithm: 'lzma' }, 'compression.algorithm: found "lzma", wanted "gzip" or "brotli"'],
    [{ level: 12 }, 'compression.level: found 12, wanted 0 to 11 for brotli'],
    [{ algorithm: 'gzip', level: 0 }, 'compression.level: found 0, wanted 1 to 9 for gzip'],
    [{ threshold: -1 }, 'compression.threshold: found -1, wanted at least 0'],
    [{ quality: 4 }, 'compression.quality: unknown option'],
  ])('refuses %j, saying what it wants', (compression, message) => {
    expect(() => createCache({ compression } as { compression: boolean })).toThrow(message)
    const cache = createCache()
    expect(() => cache.namespace('n', { compression } as { compression: boolean })).toThrow(message)
  })

  it('refuses zstd exactly where this Node has none', () => {
    const create = () => createCache({ compression: { algorithm: 'zstd' } })

    if (FORMATS.zstd === undefined) expect(create).toThrow('zstd needs Node 22.15')
    else expect(create).not.toThrow()
  })
})
