import type { Codec, Encoded } from './codec.ts'
import { Entry, type Lifetime, staleMs } from './entry.ts'
import type { Stamp } from './stamp.ts'

/**
 * What lies under a key in Redis: a fixed header, the era, the tags, the payload. All numbers are
 * little-endian. Described for other programs in docs/wire-format.md.
 *
 *     0  'H' 'P'         2  version      3  kind of payload
 *     4  u32 payload bytes
 *     8  f64 longest stale window, ms (read by the `expire` script too)
 *    16  f64 ttl, ms     24  f64 staleWhileRevalidate, ms     32  f64 staleIfError, ms
 *    40  f64 epoch       48  u32 bytes of tags (JSON)         52  u8 bytes of era
 *    53  era, tags, payload
 *
 * There is no time in it: how old an entry is follows from what remains of its key's TTL, which is
 * Redis's clock and nobody else's.
 */
const MAGIC = 0x5048
const VERSION = 1
const HEADER_BYTES = 53

/** Where the `expire` script finds the longest stale window. */
export const STALE_OFFSET = 8

export interface Written {
  readonly encoded: Encoded
  readonly tags: readonly string[]
  readonly stamp: Stamp
  readonly lifetime: Lifetime
}

export function writeEntry({ encoded, tags, stamp, lifetime }: Written): Buffer {
  const payload = encoded.payload
  const payloadBytes = typeof payload === 'string' ? Buffer.byteLength(payload) : payload.length
  const tagText = tags.length === 0 ? '' : JSON.stringify(tags)
  const tagBytes = Buffer.byteLength(tagText)
  const bytes = Buffer.allocUnsafe(HEADER_BYTES + stamp.era.length + tagBytes + payloadBytes)
  bytes.writeUInt16LE(MAGIC, 0)
  bytes[2] = VERSION
  bytes[3] = encoded.kind
  bytes.writeUInt32LE(payloadBytes, 4)
  bytes.writeDoubleLE(staleMs(lifetime), STALE_OFFSET)
  bytes.writeDoubleLE(lifetime.ttlMs, 16)
  bytes.writeDoubleLE(lifetime.staleWhileRevalidateMs, 24)
  bytes.writeDoubleLE(lifetime.staleIfErrorMs, 32)
  bytes.writeDoubleLE(stamp.epoch, 40)
  bytes.writeUInt32LE(tagBytes, 48)
  bytes[52] = stamp.era.length
  bytes.write(stamp.era, HEADER_BYTES, 'latin1')
  bytes.write(tagText, HEADER_BYTES + stamp.era.length)
  writePayload(bytes, bytes.length - payloadBytes, payload)
  return bytes
}

function writePayload(bytes: Buffer, offset: number, payload: string | Uint8Array): void {
  if (typeof payload === 'string') bytes.write(payload, offset)
  else bytes.set(payload, offset)
}

const NO_TAGS: readonly string[] = []

/**
 * Reads an entry of which `remainingMs` are left in Redis. Throws on bytes that are not ours, cut
 * short, or of a later version.
 */
export function readEntry(
  bytes: Buffer,
  remainingMs: number,
  codec: Codec,
  nowMs: number,
): Entry<unknown> {
  if (bytes.length < HEADER_BYTES || bytes.readUInt16LE(0) !== MAGIC)
    throw new Error('Not an entry')
  if (bytes[2] !== VERSION) throw new Error(`Entry of version ${bytes[2]}, wanted ${VERSION}`)
  const tagsAt = HEADER_BYTES + (bytes[52] as number)
  const payloadAt = tagsAt + bytes.readUInt32LE(48)
  if (bytes.length !== payloadAt + bytes.readUInt32LE(4)) throw new Error('Entry cut short')
  const lifetime: Lifetime = {
    ttlMs: bytes.readDoubleLE(16),
    staleWhileRevalidateMs: bytes.readDoubleLE(24),
    staleIfErrorMs: bytes.readDoubleLE(32),
  }
  const stamp = {
    era: bytes.toString('latin1', HEADER_BYTES, tagsAt),
    epoch: bytes.readDoubleLE(40),
  }
  const tags = tagsAt === payloadAt ? NO_TAGS : readTags(bytes.toString('utf8', tagsAt, payloadAt))
  const value = codec.decode(bytes[3] as number, bytes.subarray(payloadAt))
  const freshUntilMs = nowMs + remainingMs - bytes.readDoubleLE(STALE_OFFSET)
  return new Entry(value, bytes.length, tags, stamp, lifetime, freshUntilMs)
}

function readTags(text: string): string[] {
  const tags: unknown = JSON.parse(text)
  if (!Array.isArray(tags)) throw new Error('Entry with tags that are no list')
  return tags.map(String)
}
