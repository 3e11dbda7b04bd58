import { crc32 } from 'node:zlib'
import type { Codec, Encoded } from './codec.ts'
import { decompress, isCompressed, plainKind } from './compression.ts'
import { Entry, type Lifetime, staleMs } from './entry.ts'
import type { Stamp } from './stamp.ts'

/**
 * What lies under a key in Redis: a fixed header, the era, the tags, the payload. All numbers are
 * little-endian. Described for other programs in docs/wire-format.md.
 *
 *     0  'H' 'P'         2  version      3  kind of payload, and how it is compressed
 *     4  u32 CRC-32 of bytes 0 to 3, then of all from 16 on: what the scripts never touch
 *     8  f64 fresh until, ms since the epoch, by Redis's clock: the scripts write it
 *    16  f64 longest stale window, ms: the `expire` script reads it
 *    24  f64 ttl, ms     32  f64 staleWhileRevalidate, ms     40  f64 staleIfError, ms
 *    48  f64 epoch       56  u32 bytes of tags (JSON)         60  u32 how long the load took, ms
 *    64  u32 bytes of payload                          68  u8 bytes of era
 *    69  era, tags, payload
 *
 * The only time in it is Redis's own, and a reader compares it with Redis's own: the clocks of the
 * machines around it may say what they like.
 */
export const MAGIC = 'HP'
export const VERSION = 1
const MAGIC_BYTES = Buffer.from(MAGIC, 'latin1').readUInt16LE(0)
const HEADER_BYTES = 69
const CHECKED_FROM = 16
const LONGEST_LOAD_MS = 0xffff_ffff

/** Where the scripts find what they read and write. */
export const FRESH_UNTIL_OFFSET = 8
export const STALE_OFFSET = 16

/** The freshness field of an entry as written, by which the scripts know it again; or none. */
export type Freshness = Buffer | ''

export function freshnessOf(bytes: Buffer | null): Freshness {
  if (bytes === null) return ''
  return Buffer.from(bytes.subarray(FRESH_UNTIL_OFFSET, FRESH_UNTIL_OFFSET + 8))
}

/** The same for a copy that is held already. */
export function freshnessOfEntry({ redisFreshUntilMs }: Entry): Freshness {
  if (redisFreshUntilMs === 0) return ''
  const bytes = Buffer.allocUnsafe(8)
  bytes.writeDoubleLE(redisFreshUntilMs)
  return bytes
}

export interface Written {
  readonly encoded: Encoded
  readonly tags: readonly string[]
  readonly stamp: Stamp
  readonly lifetime: Lifetime
  /** How long it took to load, for early refreshes; 0 if it was not loaded. */
  readonly loadMs: number
}

export function writeEntry({ encoded, tags, stamp, lifetime, loadMs }: Written): Buffer {
  const payload = encoded.payload
  const payloadBytes = typeof payload === 'string' ? Buffer.byteLength(payload) : payload.length
  const tagText = tags.length === 0 ? '' : JSON.stringify(tags)
  const tagBytes = Buffer.byteLength(tagText)
  const bytes = Buffer.allocUnsafe(HEADER_BYTES + stamp.era.length + tagBytes + payloadBytes)
  bytes.writeUInt16LE(MAGIC_BYTES, 0)
  bytes[2] = VERSION
  bytes[3] = encoded.kind
  bytes.writeDoubleLE(0, FRESH_UNTIL_OFFSET)
  bytes.writeDoubleLE(staleMs(lifetime), STALE_OFFSET)
  bytes.writeDoubleLE(lifetime.ttlMs, 24)
  bytes.writeDoubleLE(lifetime.staleWhileRevalidateMs, 32)
  bytes.writeDoubleLE(lifetime.staleIfErrorMs, 40)
  bytes.writeDoubleLE(stamp.epoch, 48)
  bytes.writeUInt32LE(tagBytes, 56)
  bytes.writeUInt32LE(Math.min(Math.ceil(loadMs), LONGEST_LOAD_MS), 60)
  bytes.writeUInt32LE(payloadBytes, 64)
  bytes[68] = stamp.era.length
  bytes.write(stamp.era, HEADER_BYTES, 'latin1')
  bytes.write(tagText, HEADER_BYTES + stamp.era.length)
  writePayload(bytes, bytes.length - payloadBytes, payload)
  bytes.writeUInt32LE(checksumOf(bytes), 4)
  return bytes
}

function checksumOf(bytes: Buffer): number {
  return crc32(bytes.subarray(CHECKED_FROM), bytes.readUInt32LE(0))
}

function writePayload(bytes: Buffer, offset: number, payload: string | Uint8Array): void {
  if (typeof payload === 'string') bytes.write(payload, offset)
  else bytes.set(payload, offset)
}

const NO_TAGS: readonly string[] = []

/** What an entry says besides its value. */
export interface Header {
  readonly kind: number
  readonly tags: readonly string[]
  readonly stamp: Stamp
  readonly lifetime: Lifetime
  readonly redisFreshUntilMs: number
  readonly loadMs: number
  readonly payloadAt: number
}

/**
 * Reads what comes before the payload. Throws on bytes that are not ours, damaged, or of a later
 * version. A stamp like `expected` is not made again.
 */
export function readHeader(bytes: Buffer, expected?: Stamp): Header {
  if (bytes.length < HEADER_BYTES) throw new Error('Not an entry')
  // Most of what a header costs is its numbers, and a view reads them at a third of Buffer's price.
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  if (view.getUint16(0, true) !== MAGIC_BYTES) throw new Error('Not an entry')
  const version = view.getUint8(2)
  if (version !== VERSION) throw new Error(`Entry of version ${version}, wanted ${VERSION}`)
  const tagsAt = HEADER_BYTES + view.getUint8(68)
  const payloadAt = tagsAt + view.getUint32(56, true)
  if (bytes.length !== payloadAt + view.getUint32(64, true)) throw new Error('Entry cut short')
  const checksum = crc32(bytes.subarray(CHECKED_FROM), view.getUint32(0, true))
  if (view.getUint32(4, true) !== checksum) throw new Error('Entry with a wrong checksum')
  return {
    kind: view.getUint8(3),
    tags: tagsAt === payloadAt ? NO_TAGS : readTags(bytes.toString('utf8', tagsAt, payloadAt)),
    stamp: readStamp(bytes, view, tagsAt, expected) ?? {
      era: bytes.toString('latin1', HEADER_BYTES, tagsAt),
      epoch: view.getFloat64(48, true),
    },
    lifetime: {
      ttlMs: view.getFloat64(24, true),
      staleWhileRevalidateMs: view.getFloat64(32, true),
      staleIfErrorMs: view.getFloat64(40, true),
    },
    redisFreshUntilMs: view.getFloat64(FRESH_UNTIL_OFFSET, true),
    loadMs: view.getUint32(60, true),
    payloadAt,
  }
}

/** Most of what is read was stored in the era that is, and between two invalidations of tags. */
function readStamp(
  bytes: Buffer,
  view: DataView,
  endsAt: number,
  expected: Stamp | undefined,
): Stamp | undefined {
  if (expected === undefined || expected.epoch !== view.getFloat64(48, true)) return undefined
  return isTextAt(bytes, HEADER_BYTES, endsAt, expected.era) ? expected : undefined
}

/** Compares without making a string. */
function isTextAt(bytes: Buffer, at: number, endsAt: number, text: string): boolean {
  if (endsAt - at !== text.length) return false
  for (let index = 0; index < text.length; index += 1) {
    if (bytes[at + index] !== text.charCodeAt(index)) return false
  }
  return true
}

/**
 * The entry of bytes and their header that Redis gave when its clock said `redisNowMs` and ours
 * `nowMs`; a promise of it when there is much to decompress. Throws on a payload that it cannot read.
 */
export function readEntry(
  bytes: Buffer,
  header: Header,
  redisNowMs: number,
  codec: Codec,
  nowMs: number,
): Entry | Promise<Entry> {
  const { kind, payloadAt } = header
  const times = { redisNowMs, nowMs }
  if (!isCompressed(kind)) {
    return makeEntry(header, times, codec.decode(kind, bytes, payloadAt), bytes.length)
  }
  const toEntry = (payload: Buffer): Entry => {
    const value = codec.decode(plainKind(kind), payload, 0)
    return makeEntry(header, times, value, payloadAt + payload.length)
  }
  const payload = decompress(kind, bytes.subarray(payloadAt))
  return payload instanceof Promise ? payload.then(toEntry) : toEntry(payload)
}

function makeEntry(
  { tags, stamp, lifetime, redisFreshUntilMs, loadMs }: Header,
  { redisNowMs, nowMs }: { redisNowMs: number; nowMs: number },
  value: unknown,
  size: number,
): Entry {
  // The checksum leaves this field out: no damage to it makes an entry fresh for longer than its ttl.
  const freshMs = Math.min(redisFreshUntilMs - redisNowMs, lifetime.ttlMs)
  const entry = new Entry(value, size, tags, stamp, lifetime, nowMs + freshMs)
  entry.redisFreshUntilMs = redisFreshUntilMs
  entry.loadMs = loadMs
  return entry
}

function readTags(text: string): string[] {
  const tags: unknown = JSON.parse(text)
  const isList = Array.isArray(tags) && tags.every((tag) => typeof tag === 'string')
  if (!isList) throw new Error('Entry with tags that are no list of text')
  return tags
}
