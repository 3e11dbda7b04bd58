import { setTimeout as delay } from 'node:timers/promises'
import type { Chance } from './chance.ts'
import type { Doom } from './doom.ts'
import type { CoherentCache } from './driver.ts'
import type { Applied, InvalidationSort } from './history.ts'
import { ALL_KEYS, keysOfTag, ownerOf, tagOf, traitsOf } from './keys.ts'
import { monotonicMs } from './monotonic.ts'
import type { Recorder } from './recorder.ts'
import { versioned } from './slow-loader.ts'
import type { SourceOfTruth } from './source-of-truth.ts'

/** How long a writer takes from its commit to the invalidation, at times. */
const LONGEST_DELAY_MS = 20
const POLL_QUEUE_MS = 20

/** The ways of making a commit known to the cache. */
export type WriteSort = InvalidationSort | 'set'

/** What an invalidator needs. */
export interface InvalidatorParts {
  readonly process: string
  readonly place: number
  readonly places: number
  readonly cache: CoherentCache
  readonly source: SourceOfTruth
  readonly recorder: Recorder
  readonly chance: Chance
  readonly doom: Doom
}

/** Commits new versions and makes the cache follow, one way or another. */
export class Invalidator {
  readonly #parts: InvalidatorParts
  /** Keys that are being written by this process, which alone may write some of them. */
  readonly #busy = new Set<string>()
  readonly #watch: NodeJS.Timeout
  #lastId = 0
  #lastQueuedId = 0

  constructor(parts: InvalidatorParts) {
    this.#parts = parts
    this.#watch = setInterval(() => this.#watchQueue(), POLL_QUEUE_MS)
    this.#watch.unref()
  }

  stop(): void {
    clearInterval(this.#watch)
  }

  /** Whether this process may write a key, and is not just doing it. */
  mayWrite(key: string): boolean {
    const { place, places } = this.#parts
    const owner = ownerOf(key, places)
    return !this.#busy.has(key) && (owner === undefined || owner === place)
  }

  isOwn(key: string): boolean {
    return ownerOf(key, this.#parts.places) === this.#parts.place
  }

  /** Commits the next version of a key and makes the cache follow. */
  async write(key: string, sort: WriteSort): Promise<void> {
    this.#busy.add(key)
    try {
      const version = await this.#commit(key)
      if (sort === 'set') await this.#put(key, version)
      else await this.invalidate(key, sort)
    } finally {
      this.#busy.delete(key)
    }
  }

  async #commit(key: string): Promise<number> {
    const { process, source, recorder, chance, doom } = this.#parts
    const begin = monotonicMs()
    const version = await source.advance(key)
    recorder.record({ kind: 'commit', process, key, version, begin, end: monotonicMs() })
    await doom.strike('committed')
    if (chance.happens(0.3)) await delay(chance.between(0, LONGEST_DELAY_MS))
    return version
  }

  async #put(key: string, version: number): Promise<void> {
    const { process, cache, recorder } = this.#parts
    const begin = monotonicMs()
    await cache.set(traitsOf(key), versioned(key, version))
    recorder.record({ kind: 'write', process, key, version, begin, end: monotonicMs() })
  }

  /** Where the cache does not have the way that is wanted, or the key no tag, the key is deleted. */
  async invalidate(key: string, wanted: InvalidationSort): Promise<void> {
    const { process, cache, recorder } = this.#parts
    const isAble = cache[wanted] !== undefined && (wanted !== 'deleteByTag' || tagOf(key))
    const sort = isAble ? wanted : 'delete'
    this.#lastId += 1
    const id = this.#lastId
    const begin = monotonicMs()
    const applied = await apply(cache, key, sort)
    const end = monotonicMs()
    if (applied === 'queued') this.#lastQueuedId = Math.max(this.#lastQueuedId, id)
    const keys = concernedBy(key, sort)
    recorder.record({ kind: 'invalidation', process, sort, id, keys, applied, begin, end })
  }

  /** When nothing is queued any more, all that was has reached Redis. */
  #watchQueue(): void {
    const { process, cache, recorder } = this.#parts
    if (this.#lastQueuedId === 0 || cache.queued === undefined || cache.queued() > 0) return
    recorder.record({ kind: 'replayed', process, upTo: this.#lastQueuedId, at: monotonicMs() })
    this.#lastQueuedId = 0
  }
}

async function apply(cache: CoherentCache, key: string, sort: InvalidationSort): Promise<Applied> {
  const tag = tagOf(key)
  if (sort === 'deleteByTag' && cache.deleteByTag && tag) return await cache.deleteByTag(tag)
  if (sort === 'expire' && cache.expire) return await cache.expire(key)
  if (sort === 'clear') return await cache.clear()
  return await cache.delete(key)
}

function concernedBy(key: string, sort: InvalidationSort): readonly string[] {
  const tag = tagOf(key)
  if (sort === 'deleteByTag' && tag) return keysOfTag(tag)
  return sort === 'clear' ? ALL_KEYS : [key]
}
