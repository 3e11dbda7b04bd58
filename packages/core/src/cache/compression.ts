import { z } from 'zod'
import { type Encoded, toBuffer } from './codec.ts'
import { FORMATS, type Format } from './compression-formats.ts'
import type { CompressionAlgorithm, CompressionOptions } from './types.ts'

/** {@link CompressionOptions} with everything filled in. */
export interface Compression {
  readonly format: Format
  readonly level: number
  readonly threshold: number
}

/**
 * Larger payloads are written as they are, and none is read that claims to be larger: so much memory
 * can a few hostile bytes cost.
 */
export const LARGEST_BYTES: number = 64 * 1024 * 1024
/** So much takes about a fifth of a millisecond; more is left to the thread pool. */
const LARGEST_IN_PLACE = 32 * 1024
/** What shrinks less is not worth its decompression. */
const LARGEST_SHARE = 0.9
const LENGTH_BYTES = 4

/**
 * Compresses a payload if that is worth it. Its kind then tells the format in the upper half, and it
 * begins with its plain length.
 */
export function compress(encoded: Encoded, compression: Compression): Encoded | Promise<Encoded> {
  const { threshold, format, level } = compression
  const plain = toBuffer(encoded.payload)
  if (plain.length < threshold || plain.length > LARGEST_BYTES) return encoded
  const wrap = (packed: Buffer): Encoded => {
    if (packed.length + LENGTH_BYTES > plain.length * LARGEST_SHARE) return encoded
    const length = Buffer.allocUnsafe(LENGTH_BYTES)
    length.writeUInt32LE(plain.length)
    return { kind: encoded.kind | (format.id << 4), payload: Buffer.concat([length, packed]) }
  }
  if (plain.length <= LARGEST_IN_PLACE) return wrap(format.compressSync(plain, level))
  return format.compress(plain, level).then(wrap)
}

/** The kind of a payload without its compression. */
export function plainKind(kind: number): number {
  return kind & 0x0f
}

export function isCompressed(kind: number): boolean {
  return kind > 0x0f
}

/** Gives a payload as it was before it was compressed. Throws or rejects on what it cannot read. */
export function decompress(kind: number, payload: Buffer): Buffer | Promise<Buffer> {
  if (!isCompressed(kind)) return payload
  const format = requireFormat(kind >> 4)
  const plainBytes = payload.readUInt32LE(0)
  // Only what shrinks is compressed. Anything else is not ours, and could take any time.
  if (plainBytes > LARGEST_BYTES || payload.length >= plainBytes) {
    throw new Error(`${payload.length} compressed bytes that claim to be ${plainBytes}`)
  }
  const packed = payload.subarray(LENGTH_BYTES)
  const bound = { maxOutputLength: plainBytes }
  const check = (plain: Buffer): Buffer => {
    if (plain.length === plainBytes) return plain
    throw new Error(`Decompressed to ${plain.length} bytes, wanted ${plainBytes}`)
  }
  if (plainBytes <= LARGEST_IN_PLACE) return check(format.decompressSync(packed, bound))
  return format.decompress(packed, bound).then(check)
}

function requireFormat(id: number): Format {
  const format = Object.values(FORMATS).find((known) => known?.id === id)
  if (format === undefined) throw new Error(`Compression ${id} is unknown to this version of Node`)
  return format
}

const ALGORITHMS = Object.keys(FORMATS) as CompressionAlgorithm[]

const fields = z
  .strictObject({
    algorithm: z.enum(ALGORITHMS).default('brotli'),
    level: z.int().optional(),
    threshold: z.int().min(0).default(1024),
  })
  .transform(({ algorithm, level, threshold }, context) => {
    const refuse = (name: string, message: string): never => {
      context.addIssue({ code: 'custom', path: [name], message })
      return z.NEVER
    }
    const format = FORMATS[algorithm]
    if (format === undefined) return refuse('algorithm', 'another, for zstd needs Node 22.15')
    const { min, max, usual } = format.levels
    const isLevel = level === undefined || (level >= min && level <= max)
    if (!isLevel) return refuse('level', `${min} to ${max} for ${algorithm}`)
    return { format, level: level ?? usual, threshold }
  })

/** The `compression` option; `false` when it is off, `undefined` when nothing was said. */
export const compressionSchema: z.ZodType<Compression | false | undefined> = z
  .unknown()
  .transform((given, context) => {
    if (given === false) return false
    // Not a union with a boolean, which would not tell the option inside that is wrong.
    const result = fields.safeParse(given === true ? {} : given)
    if (result.success) return result.data
    for (const issue of result.error.issues) context.addIssue({ ...issue })
    return z.NEVER
  })
  .optional()
