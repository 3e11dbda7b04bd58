import type { Ready } from './checking.ts'
import type { Encoded } from './codec.ts'
import { compress } from './compression.ts'
import { Entry, type Lifetime, totalMs } from './entry.ts'
import type { Fence } from './fences.ts'
import { internalKey } from './keys.ts'
import type { Lease } from './redis-tier.ts'
import type { Scope } from './scope.ts'
import { keepUnvouched } from './shelf.ts'
import { judgeByTag, type Stamp } from './stamp.ts'
import type { CacheState, RedisState } from './state.ts'
import { writeEntry } from './wire-format.ts'

/** What an entry has besides its value. */
export interface About {
  readonly stamp: Stamp
  readonly lifetime: Lifetime
  readonly tags: readonly string[]
}

export function entryOf<V>(ready: Ready<V>, about: About, nowMs: number): Entry<V> {
  const { stamp, lifetime, tags } = about
  const { value, bytes, checked } = ready
  const entry = new Entry(value, bytes, tags, stamp, lifetime, nowMs + lifetime.ttlMs)
  if (checked !== undefined) entry.adopt(checked.contract, checked.value)
  return entry
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
  if (fence.isBreached || state.offline.judge(entry, scope.paths) === 'invalid') return 'overtaken'
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
  const { compression } = scope
  const payload = compression === undefined ? encoded() : await compress(encoded(), compression)
  const bytes = writeEntry({ encoded: payload, tags, stamp, lifetime, loadMs })
  const filling = { lease, bytes, stamp, lifetime }
  entry.redisFreshUntilMs = await tier.fill(scope.paths, internalKey(key), filling)
  return entry.redisFreshUntilMs > 0 ? 'stored' : 'refused'
}
