import type { RedisLink } from '../redis/types.ts'
import { type Lifetime, totalMs } from './entry.ts'
import type { KeySpace } from './keys.ts'
import type { Clocks, RedisClock } from './redis-clock.ts'
import { DELETE, EXPIRE, FILL, READ, RELEASE, WITHDRAW } from './scripts.ts'
import type { Stamp } from './stamp.ts'
import type { Freshness } from './wire-format.ts'

/** What Redis says of keys, and its clock when it said so. */
export interface RedisReply {
  /** The values asked for, then those beside them; without the latter on a Cluster. */
  readonly values: readonly (Buffer | null)[]
  readonly clocks: Clocks
}

/** A key that was read together with its lease. */
export interface LeasedReply {
  readonly bytes: Buffer | null
  readonly clocks: Clocks
  /** The key is missing, and the lease was granted. */
  readonly isGranted: boolean
}

/** Leave to store a value. */
export interface Lease {
  readonly token: string
  /** Taken by force, for a value that was written and must leave nothing older behind. */
  readonly isWrite: boolean
}

/** What is stored under a lease. */
export interface Filling {
  readonly lease: Lease
  readonly bytes: Buffer
  readonly stamp: Stamp
  readonly lifetime: Lifetime
}

/** Larger batches would hold up Redis's other clients. */
const LARGEST_BATCH = 100

/** Values and their leases in Redis. Each method rejects when Redis is away. */
export class RedisTier {
  readonly #link: RedisLink
  readonly #keys: KeySpace
  readonly #clock: RedisClock
  /** Where changes are told; empty for nowhere. */
  readonly #channel: string
  readonly #leaseTimeoutMs: number
  /** On a Cluster keys have slots and nodes have clocks of their own: each read travels alone. */
  readonly largestBatch: number

  constructor(
    link: RedisLink,
    keys: KeySpace,
    clock: RedisClock,
    channel: string,
    leaseTimeoutMs: number,
  ) {
    this.#clock = clock
    this.#channel = channel
    this.#link = link
    this.#keys = keys
    this.#leaseTimeoutMs = leaseTimeoutMs
    this.largestBatch = link.isCluster ? 1 : LARGEST_BATCH
  }

  /**
   * Reads up to {@link largestBatch} keys, and beside them in the same command `others`, which are
   * Redis's own names: what a hit costs is mostly what a command costs.
   */
  async read(
    path: string,
    keys: readonly string[],
    others: readonly string[],
  ): Promise<RedisReply> {
    if (this.#link.isCluster) return this.#readOne(path, keys[0] as string)
    const names = keys.map((key) => this.#keys.value(path, key))
    const askedAtMs = this.#clock.now()
    const told = this.#clock.tell(askedAtMs)
    if (told !== undefined) return { values: await this.#readMany(names, others), clocks: told }
    const [values, clocks] = await Promise.all([
      this.#readMany(names, others),
      this.#askClock(askedAtMs),
    ])
    return { values, clocks }
  }

  async #readMany(names: readonly string[], others: readonly string[]): Promise<(Buffer | null)[]> {
    return (await this.#link.command('mget', ...names, ...others)) as (Buffer | null)[]
  }

  async #askClock(askedAtMs: number): Promise<Clocks> {
    const [seconds, microseconds] = (await this.#link.command('time')) as [Buffer, Buffer]
    const redisNowMs = Number(seconds) * 1_000 + Math.floor(Number(microseconds) / 1_000)
    return this.#clock.learn(redisNowMs, askedAtMs)
  }

  async #readOne(path: string, key: string): Promise<RedisReply> {
    const askedAtMs = this.#clock.now()
    // Without the lease's key: while a slot moves, Redis refuses what needs two.
    const [now, bytes] = (await this.#link.run(READ, [this.#keys.value(path, key)], [''])) as [
      number,
      Buffer | null,
    ]
    return { values: [bytes], clocks: this.#clock.learn(now, askedAtMs) }
  }

  /**
   * Reads a key or, if it is missing, asks for its lease. `unusable` is the freshness of a value
   * that counts as missing.
   */
  async readOrLease(
    path: string,
    key: string,
    token: string,
    unusable: Freshness,
  ): Promise<LeasedReply> {
    const args = [token, this.#leaseTimeoutMs, unusable]
    const askedAtMs = this.#clock.now()
    const reply = (await this.#link.run(READ, this.#pair(path, key), args)) as unknown[]
    return {
      clocks: this.#clock.learn(reply[0] as number, askedAtMs),
      bytes: reply[1] as Buffer | null,
      isGranted: reply[2] === 1,
    }
  }

  /** Takes the lease of a key from whoever holds it. */
  async seize(path: string, key: string, token: string): Promise<void> {
    const lease = this.#keys.lease(path, key)
    await this.#link.command('set', lease, token, 'px', this.#leaseTimeoutMs)
  }

  /**
   * Stores an entry if its lease still stands and no namespace in `paths` was cleared since. Gives
   * until when it is fresh by Redis's clock, or 0 if it was not stored.
   */
  async fill(paths: readonly string[], key: string, filling: Filling): Promise<number> {
    const { lease, bytes, stamp, lifetime } = filling
    const isWritten = lease.isWrite ? 1 : 0
    const args = [lease.token, bytes, lifetime.ttlMs, Math.ceil(totalMs(lifetime)), isWritten]
    const keys = this.#pair(paths[paths.length - 1] as string, key)
    // On a Cluster the names of the eras have slots of their own; who reads the entry compares them.
    const eras = this.#link.isCluster ? [] : paths.map((path) => this.#keys.era(path))
    const names = this.#link.isCluster ? [] : stamp.era.split('.')
    const ends = [...args, ...names, this.#channel]
    const reply = await this.#link.run(FILL, [...keys, ...eras], ends)
    return Buffer.isBuffer(reply) ? reply.readDoubleLE(0) : 0
  }

  /** Gives a lease back, and leaves nothing that is older than a write. */
  async giveBack(path: string, key: string, { token, isWrite }: Lease): Promise<void> {
    if (isWrite) await this.#link.run(WITHDRAW, this.#pair(path, key), [token, this.#channel])
    else await this.release(path, key, token)
  }

  async release(path: string, key: string, token: string): Promise<void> {
    await this.#link.run(RELEASE, [this.#keys.lease(path, key)], [token])
  }

  async delete(path: string, key: string): Promise<void> {
    if (this.#channel === '') await this.#link.command('del', ...this.#pair(path, key))
    else await this.#link.run(DELETE, this.#pair(path, key), [this.#channel])
  }

  async expire(path: string, key: string): Promise<void> {
    await this.#link.run(EXPIRE, this.#pair(path, key), [this.#channel])
  }

  #pair(path: string, key: string): [value: string, lease: string] {
    return [this.#keys.value(path, key), this.#keys.lease(path, key)]
  }
}
