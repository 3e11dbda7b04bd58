import type { LRUCache } from 'lru-cache'
import type { Random } from '../base/random.ts'
import { createGrowingLru } from '../memory/growing-lru.ts'
import type { Entry } from './entry.ts'
import { internalKey } from './keys.ts'
import { judgeByTag, type Stamp, type TagRecord, type Verdict } from './stamp.ts'

/** Bounds of what is remembered; what was forgotten counts as invalidated. */
const MOST_TAGS = 100_000
const MOST_NAMESPACES = 10_000

/**
 * Invalidation counters in this process: its own, or a copy of Redis's.
 *
 * Its own keep a record of each tag that was invalidated, and know of the forgotten ones how late
 * they can be. Of a tag that a copy has no record of, only Redis can tell.
 */
export class LocalCounters {
  readonly #random: Random
  readonly #isCopy: boolean
  readonly #eras = createGrowingLru<string>(MOST_NAMESPACES, () => {
    this.revision += 1
  })
  readonly #tags: LRUCache<string, TagRecord>
  /** No tag that there is no record of was invalidated after this epoch. */
  #forgotten: TagRecord = { deleted: 0, expired: 0 }
  #epoch = 0
  /** Moves with every invalidation: an entry checked at this revision need not be checked again. */
  revision = 0

  constructor(random: Random, isCopy: boolean, mostTags: number = MOST_TAGS) {
    this.#random = random
    this.#isCopy = isCopy
    this.#tags = createGrowingLru(mostTags, (record) => {
      this.#forgotten = laterOf(this.#forgotten, record)
    })
  }

  /** The stamp of a load that begins now in the namespace of `paths`, outermost first. */
  stamp(paths: readonly string[]): Stamp {
    const era = paths.map((path) => this.#eraOf(path)).join('.')
    return { era, epoch: this.#epoch, isOffline: true }
  }

  /** What is known here of an entry. */
  judge(entry: Pick<Entry, 'stamp' | 'tags'>, paths: readonly string[]): Verdict {
    const era = this.#knownEra(paths)
    if (era === undefined) return 'unknown'
    return era === entry.stamp.era ? this.judgeTags(entry.stamp.epoch, entry.tags) : 'invalid'
  }

  judgeTags(epoch: number, tags: readonly string[]): Verdict {
    let verdict: Verdict = 'valid'
    for (const tag of tags) {
      const record =
        this.#tags.get(internalKey(tag)) ?? (this.#isCopy ? undefined : this.#forgotten)
      if (record === undefined) return 'unknown'
      const judged = judgeByTag(epoch, record)
      if (judged === 'invalid') return 'invalid'
      if (judged === 'stale') verdict = 'stale'
    }
    return verdict
  }

  deleteTag(tag: string): void {
    this.revision += 1
    if (this.#isCopy) this.#tags.delete(internalKey(tag))
    else this.learnTag(tag, { ...this.#recordOf(tag), deleted: this.#nextEpoch() })
  }

  expireTag(tag: string): void {
    this.revision += 1
    if (!this.#isCopy) this.learnTag(tag, { ...this.#recordOf(tag), expired: this.#nextEpoch() })
    // In which epoch, Redis will say.
    else if (this.hasTag(tag)) {
      this.learnTag(tag, { ...this.#recordOf(tag), expired: Number.POSITIVE_INFINITY })
    }
  }

  #nextEpoch(): number {
    this.#epoch += 1
    return this.#epoch
  }

  /** What is known of a tag, or may have happened to it. */
  #recordOf(tag: string): TagRecord {
    return this.#tags.get(internalKey(tag)) ?? this.#forgotten
  }

  clear(path: string): void {
    this.forgetEra(path)
  }

  // What follows keeps the copy of Redis's counters.

  hasTag(tag: string): boolean {
    return this.#tags.has(internalKey(tag))
  }

  learnTag(tag: string, record: TagRecord): void {
    this.#tags.set(internalKey(tag), record)
  }

  learnEra(path: string, era: string): void {
    const known = this.#eras.get(path)
    if (known === era) return
    // The first name that is heard of ends nothing.
    if (known !== undefined) this.revision += 1
    this.#eras.set(path, era)
  }

  /** By the name inside, for that is what Redis knows of a tag. */
  forgetTag(internalTag: string): void {
    this.revision += 1
    this.#tags.delete(internalTag)
  }

  forgetEra(path: string): void {
    this.revision += 1
    this.#eras.delete(path)
  }

  forgetAll(): void {
    this.revision += 1
    this.#eras.clear()
    this.#tags.clear()
  }

  #eraOf(path: string): string {
    const known = this.#eras.get(path)
    if (known !== undefined) return known
    const era = this.#random.token(8)
    this.#eras.set(path, era)
    return era
  }

  #knownEra(paths: readonly string[]): string | undefined {
    if (paths.length === 1) return this.#eras.get('')
    const eras = paths.map((path) => this.#eras.get(path))
    return eras.includes(undefined) ? undefined : eras.join('.')
  }
}

function laterOf(one: TagRecord, other: TagRecord): TagRecord {
  return {
    deleted: Math.max(one.deleted, other.deleted),
    expired: Math.max(one.expired, other.expired),
  }
}
