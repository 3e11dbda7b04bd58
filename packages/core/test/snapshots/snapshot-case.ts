import { type Codec, customCodec } from '../../src/cache/codec.ts'
import type { Lifetime } from '../../src/cache/entry.ts'
import type { Stamp } from '../../src/cache/stamp.ts'
import type { CompressionAlgorithm } from '../../src/cache/types.ts'

/** An entry that was once written, and what has to be read from it for ever. */
export interface SnapshotCase {
  /** The name of its file. */
  readonly name: string
  readonly value: unknown
  readonly tags?: readonly string[]
  readonly stamp?: Stamp
  readonly lifetime?: Lifetime
  readonly loadMs?: number
  readonly codec?: Codec
  readonly compressedBy?: CompressionAlgorithm
}

export const STAMP: Stamp = { era: '0a1b2c', epoch: 7 }

export const LIFETIME: Lifetime = {
  ttlMs: 60_000,
  staleWhileRevalidateMs: 5_000,
  staleIfErrorMs: 3_600_000,
}

/** What Redis's clock said when an entry was written. */
export const WRITTEN_AT_MS = 1_800_000_000_000

/** A serializer that a user might have. */
export const shouting: Codec = customCodec({
  serialize: (value) => Buffer.from(String(value).toUpperCase()),
  deserialize: (bytes) => bytes.toString().toLowerCase(),
})
