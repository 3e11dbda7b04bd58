import { promisify } from 'node:util'
import * as zlib from 'node:zlib'
import type { CompressionAlgorithm } from './types.ts'

/** One way to compress bytes, in place or by another thread. */
export interface Format {
  /** Names it in the wire format; never changed. */
  readonly id: number
  /** The usual one is fast: the last tenth costs the most. */
  readonly levels: { readonly min: number; readonly max: number; readonly usual: number }
  compress(bytes: Buffer, level: number): Promise<Buffer>
  compressSync(bytes: Buffer, level: number): Buffer
  /** Fails when more than `maxOutputLength` bytes would come out. */
  decompress(bytes: Buffer, bound: Bound): Promise<Buffer>
  decompressSync(bytes: Buffer, bound: Bound): Buffer
}

interface Bound {
  readonly maxOutputLength: number
}

const gzip = promisify(zlib.gzip)
const brotliCompress = promisify(zlib.brotliCompress)

const GZIP: Format = {
  id: 1,
  levels: { min: 1, max: 9, usual: 6 },
  compress: (bytes, level) => gzip(bytes, { level }),
  compressSync: (bytes, level) => zlib.gzipSync(bytes, { level }),
  decompress: promisify(zlib.gunzip),
  decompressSync: zlib.gunzipSync,
}

const BROTLI: Format = {
  id: 2,
  levels: { min: 0, max: 11, usual: 4 },
  compress: (bytes, level) => brotliCompress(bytes, brotliOptions(bytes, level)),
  compressSync: (bytes, level) => zlib.brotliCompressSync(bytes, brotliOptions(bytes, level)),
  decompress: promisify(zlib.brotliDecompress),
  decompressSync: zlib.brotliDecompressSync,
}

function brotliOptions(bytes: Buffer, level: number): zlib.BrotliOptions {
  const { BROTLI_PARAM_QUALITY, BROTLI_PARAM_SIZE_HINT } = zlib.constants
  return { params: { [BROTLI_PARAM_QUALITY]: level, [BROTLI_PARAM_SIZE_HINT]: bytes.length } }
}

type ZstdOptions = { params: Record<number, number> } | Bound
type ZstdCall = (
  bytes: Buffer,
  options: ZstdOptions,
  done: (error: Error | null, result: Buffer) => void,
) => void

/** What node:zlib has besides from Node 22.15 and 23.8 on. */
interface Zstd {
  readonly zstdCompress: ZstdCall
  readonly zstdCompressSync: (bytes: Buffer, options: ZstdOptions) => Buffer
  readonly zstdDecompress: ZstdCall
  readonly zstdDecompressSync: (bytes: Buffer, options: ZstdOptions) => Buffer
  readonly constants: { readonly ZSTD_c_compressionLevel: number }
}

const ZSTD = 'zstdCompress' in zlib ? zstdFormat(zlib as typeof zlib & Zstd) : undefined

function zstdFormat(zstd: Zstd): Format {
  const compress = promisify(zstd.zstdCompress)
  const optionsOf = (level: number): ZstdOptions => ({
    params: { [zstd.constants.ZSTD_c_compressionLevel]: level },
  })
  return {
    id: 3,
    levels: { min: 1, max: 22, usual: 3 },
    compress: (bytes, level) => compress(bytes, optionsOf(level)),
    compressSync: (bytes, level) => zstd.zstdCompressSync(bytes, optionsOf(level)),
    decompress: promisify(zstd.zstdDecompress),
    decompressSync: zstd.zstdDecompressSync,
  }
}

/** By the names that options use; `undefined` where this Node has none. */
export const FORMATS: Readonly<Record<CompressionAlgorithm, Format | undefined>> = {
  gzip: GZIP,
  brotli: BROTLI,
  zstd: ZSTD,
}
