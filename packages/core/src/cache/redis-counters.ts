import type { Random } from '../base/random.ts'
import type { RedisLink, Script } from '../redis/types.ts'
import type { KeySpace } from './keys.ts'
import type { LocalCounters } from './local-counters.ts'
import { DELETE_TAG, END_ERA, EXPIRE_TAG, SEED_ERA, SEED_INNER_ERA, SEED_TAGS } from './scripts.ts'
import type { Stamp, TagRecord } from './stamp.ts'

/** An inner namespace that nobody uses any more is forgotten after so long. */
const NAMESPACE_LIFETIME_MS = 30 * 86_400_000

/**
 * The invalidation counters in Redis. What it reads it also teaches the local copy, unless an
 * invalidation was heard of meanwhile, or Redis has not heard yet of one that was made here: then the
 * answer may be the older of the two.
 */
export class RedisCounters {
  readonly #link: RedisLink
  readonly #keys: KeySpace
  /** Where changes are told; empty for nowhere. */
  readonly #channel: string
  readonly #local: LocalCounters
  readonly #isRedisBehind: () => boolean
  readonly #random: Random
  /** Reads of this tick, by namespace. */
  readonly #reading = new Map<string, Promise<Stamp>>()

  constructor(
    link: RedisLink,
    keys: KeySpace,
    channel: string,
    local: LocalCounters,
    isRedisBehind: () => boolean,
    random: Random,
  ) {
    this.#isRedisBehind = isRedisBehind
    this.#channel = channel
    this.#link = link
    this.#keys = keys
    this.#local = local
    this.#random = random
  }

  /** The stamp of a load that begins now. Callers of one tick share one read. */
  stamp(paths: readonly string[]): Promise<Stamp> {
    const path = paths[paths.length - 1] as string
    const reading = this.#reading.get(path)
    if (reading !== undefined) return reading
    const read = this.#readStamp(paths)
    this.#reading.set(path, read)
    process.nextTick(() => this.#reading.delete(path))
    return read
  }

  /** Under which names a stamp is kept, for who reads them beside something else. */
  namesOf(paths: readonly string[]): string[] {
    return [this.#keys.epoch(), ...paths.map((path) => this.#keys.era(path))]
  }

  /**
   * The stamp that the values of {@link namesOf} make, asked for when the local copy was at
   * `revision`; `undefined` when one of them is missing, or is no value of ours.
   */
  learnStamp(
    paths: readonly string[],
    values: readonly (Buffer | null | undefined)[],
    revision: number,
  ): Stamp | undefined {
    const [epochText, ...names] = values
    if (!epochText || names.length !== paths.length || !names.every(Boolean)) return undefined
    const epoch = Number(epochText)
    if (!Number.isSafeInteger(epoch)) return undefined
    const eras = names.map(String)
    if (this.mayLearn(revision)) {
      eras.forEach((era, index) => {
        this.#local.learnEra(paths[index] as string, era)
      })
    }
    return { era: eras.join('.'), epoch }
  }

  /** The records of tags; `undefined` for those that have none. */
  async records(tags: readonly string[]): Promise<(TagRecord | undefined)[]> {
    const revision = this.#local.revision
    const names = tags.map((tag) => this.#keys.tag(tag))
    const replies = (await this.#link.command('mget', ...names)) as unknown[]
    const records = replies.map(parseRecord)
    if (this.mayLearn(revision)) {
      records.forEach((record, index) => {
        if (record !== undefined) this.#local.learnTag(tags[index] as string, record)
      })
    }
    return records
  }

  /** Whether what Redis was asked at a revision is still all that is known. */
  mayLearn(askedAtRevision: number): boolean {
    return askedAtRevision === this.#local.revision && !this.#isRedisBehind()
  }

  /**
   * Sees to it that each tag of an entry, whose load began at `epoch`, has a record for as long as
   * the entry lives; gives the records.
   */
  async seed(tags: readonly string[], lifetimeMs: number, epoch: number): Promise<TagRecord[]> {
    const tagKeys = tags.map((tag) => this.#keys.tag(tag))
    const keys = [this.#keys.epoch(), this.#keys.recent(), ...tagKeys]
    const replies = await this.#link.run(SEED_TAGS, keys, [Math.ceil(lifetimeMs), epoch])
    return (replies as unknown[]).map((reply) => parseRecord(reply) ?? UNREADABLE)
  }

  async deleteTag(tag: string): Promise<void> {
    await this.#countOn(DELETE_TAG, tag)
  }

  async expireTag(tag: string): Promise<void> {
    await this.#countOn(EXPIRE_TAG, tag)
  }

  async clear(path: string): Promise<void> {
    await this.#link.run(END_ERA, [this.#keys.era(path)], [this.#channel])
  }

  #countOn(script: Script, tag: string): Promise<unknown> {
    return this.#link.run(script, [...this.#rootKeys(), this.#keys.tag(tag)], [this.#channel])
  }

  #rootKeys(): string[] {
    return [this.#keys.era(''), this.#keys.epoch(), this.#keys.recent()]
  }

  async #readStamp(paths: readonly string[]): Promise<Stamp> {
    const revision = this.#local.revision
    const names = this.namesOf(paths)
    const values = this.#link.isCluster
      ? await Promise.all(names.map((name) => this.#link.command('get', name)))
      : await this.#link.command('mget', ...names)
    const stamp = this.learnStamp(paths, values as (Buffer | null)[], revision)
    return stamp ?? this.#seedStamp(paths)
  }

  /** Makes the names and the epoch that are not there. */
  async #seedStamp(paths: readonly string[]): Promise<Stamp> {
    const revision = this.#local.revision
    const [root, ...inner] = await Promise.all(paths.map((path) => this.#seedEra(path)))
    const values = [root?.[1], root?.[0], ...inner.map((reply) => reply[0])]
    return this.learnStamp(paths, values, revision) as Stamp
  }

  async #seedEra(path: string): Promise<(Buffer | null)[]> {
    const name = this.#random.token(8)
    const era = this.#keys.era(path)
    const reply =
      path === ''
        ? this.#link.run(SEED_ERA, this.#rootKeys(), [name, this.#channel])
        : this.#link.run(SEED_INNER_ERA, [era], [name, NAMESPACE_LIFETIME_MS, this.#channel])
    return (await reply) as (Buffer | null)[]
  }
}

/** What is no record of ours says that all there is was deleted. */
const UNREADABLE: TagRecord = {
  deleted: Number.POSITIVE_INFINITY,
  expired: Number.POSITIVE_INFINITY,
}

function parseRecord(reply: unknown): TagRecord | undefined {
  if (!Buffer.isBuffer(reply)) return undefined
  const [deleted, expired] = reply.toString('latin1').split(',').map(Number)
  return Number.isSafeInteger(deleted) && Number.isSafeInteger(expired)
    ? { deleted: deleted as number, expired: expired as number }
    : undefined
}
