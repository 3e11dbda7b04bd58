import type { Codec, Encoded } from './codec.ts'
import { Entry, type Lifetime, totalMs } from './entry.ts'
import type { Fence } from './fences.ts'
import { internalKey } from './keys.ts'
import type { Lease } from './redis-tier.ts'
import type { Scope } from './scope.ts'
import { keepUnvouched } from './shelf.ts'
import { judgeByTag, type Stamp } from './stamp.ts'
import type { CacheState, RedisState } from './state.ts'
import { writeEntry } from './wire-format.ts'

/** A value ready to be kept. */
export interface Prepared<V> {
  readonly value: V
  readonly bytes: number
  readonly encoded: () => Encoded
}

/**
 * Makes a value ready to be kept. Unless its codec says that the value can be kept as it is, what is
 * kept is a copy as it comes back from the codec: what Redis gives and what memory gives are equal,
 * and what the loader does with its own object later touches no one.
 */
export function prepare<V>(codec: Codec, value: V): Prepared<V> {
  const bytes = codec.sizeOf(value)
  if (bytes !== undefined) {
    return { value, bytes: Math.ceil(bytes), encoded: () => codec.encode(value) }
  }
  const encoded = codec.encode(value)
  const { kind, payload } = encoded
  const copy = codec.decode(kind, typeof payload === 'string' ? payload : asBuffer(payload)) as V
  return { value: copy, bytes: payload.length, encoded: () => encoded }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** What an entry has besides its value. */
export interface About {
  readonly stamp: Stamp
  readonly lifetime: Lifetime
  readonly tags: readonly string[]
}

export function entryOf<V>({ value, bytes }: Prepared<V>, about: About, nowMs: number): Entry<V> {
  const { stamp, lifetime, tags } = about
  return new Entry(value, bytes, tags, stamp, lifetime, nowMs + lifetime.ttlMs)
}

const NO_LIFETIME: Lifetime = { ttlMs: 0, staleWhileRevalidateMs: 0, staleIfErrorMs: 0 }

/** An entry for a value that is handed out and not kept: as it is, and over at once. */
export function entryOnce<V>(value: V, { stamp, tags }: About, nowMs: number): Entry<V> {
  return new Entry(value, 0, tags, stamp, NO_LIFETIME, nowMs)
}

/** Whether an entry was stored, or what it was too late for. */
export type Stored = 'stored' | 'overtaken' | 'refused'

/** Keeps an entry in memory alone, unless something has invalidated it since its load began. */
export function storeInMemory(state: CacheState, scope: Scope, fence: Fence, entry: Entry): Stored {
  state.local.seed(entry.tags)
  if (fence.isBreached || state.local.judge(entry, scope.paths) === 'invalid') return 'overtaken'
  keepUnvouched(state, fence, entry)
  return 'stored'
}

/** Stores an entry in Redis if its lease still stands and nothing has invalidated it. */
export async function storeInRedis(
  { counters, tier }: RedisState,
  scope: Scope,
  key: string,
  lease: Lease,
  entry: Entry,
  encoded: () => Encoded,
): Promise<Stored> {
  const { tags, stamp, lifetime, loadMs } = entry
  if (tags.length > 0) {
    const records = await counters.seed(tags, totalMs(lifetime), stamp.epoch)
    const isDeleted = records.some((record) => judgeByTag(stamp.epoch, record) === 'invalid')
    if (isDeleted) {
      await tier.giveBack(scope.path, internalKey(key), lease)
      return 'refused'
    }
  }
  const bytes = writeEntry({ encoded: encoded(), tags, stamp, lifetime, loadMs })
  const filling = { lease, bytes, stamp, lifetime }
  entry.redisFreshUntilMs = await tier.fill(scope.paths, internalKey(key), filling)
  return entry.redisFreshUntilMs > 0 ? 'stored' : 'refused'
}
