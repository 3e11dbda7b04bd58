import type { RedisLink } from '../redis/types.ts'
import type { KeySpace } from './keys.ts'
import { EXPIRE, FILL, READ, RELEASE } from './scripts.ts'
import type { Freshness } from './wire-format.ts'

/** What Redis says of a key. */
export interface RedisReply {
  /** The entry as written; `null` when there is none. */
  readonly bytes: Buffer | null
  /** Redis's clock when it said so. */
  readonly redisNowMs: number
}

/** A key that was read together with its lease. */
export interface LeasedReply extends RedisReply {
  /** The key is missing, and the lease was granted. */
  readonly isGranted: boolean
}

interface WaitingRead {
  readonly valueKey: string
  readonly resolve: (reply: RedisReply) => void
  readonly reject: (error: unknown) => void
}

/** Larger batches would hold up Redis's other clients. */
const LARGEST_BATCH = 100

/** Values and their leases in Redis. Each method rejects when Redis is away. */
export class RedisTier {
  readonly #link: RedisLink
  readonly #keys: KeySpace
  readonly #leaseTimeoutMs: number
  #waiting: WaitingRead[] = []

  constructor(link: RedisLink, keys: KeySpace, leaseTimeoutMs: number) {
    this.#link = link
    this.#keys = keys
    this.#leaseTimeoutMs = leaseTimeoutMs
  }

  /**
   * Reads a key. Reads of one tick travel as one MGET and one TIME: what a hit costs is mostly what
   * a command costs. On a Cluster, where keys have slots and nodes clocks, each travels alone.
   */
  read(path: string, key: string): Promise<RedisReply> {
    if (this.#link.isCluster) return this.readOrLease(path, key, '', '')
    return new Promise((resolve, reject) => {
      if (this.#waiting.length === 0) process.nextTick(() => this.#flush())
      this.#waiting.push({ valueKey: this.#keys.value(path, key), resolve, reject })
    })
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
    const reply = (await this.#link.run(READ, this.#pair(path, key), args)) as unknown[]
    return {
      redisNowMs: reply[0] as number,
      bytes: reply[1] as Buffer | null,
      isGranted: reply[2] === 1,
    }
  }

  /** Takes the lease of a key from whoever holds it. */
  async seize(path: string, key: string, token: string): Promise<void> {
    const lease = this.#keys.lease(path, key)
    await this.#link.command('set', lease, token, 'px', this.#leaseTimeoutMs)
  }

  /** Stores an entry if `token` still holds the lease. */
  async fill(
    path: string,
    key: string,
    token: string,
    bytes: Buffer,
    ttlMs: number,
    lifetimeMs: number,
  ): Promise<boolean> {
    const args = [token, bytes, ttlMs, Math.ceil(lifetimeMs)]
    return (await this.#link.run(FILL, this.#pair(path, key), args)) === 1
  }

  async release(path: string, key: string, token: string): Promise<void> {
    await this.#link.run(RELEASE, [this.#keys.lease(path, key)], [token])
  }

  async delete(path: string, key: string): Promise<void> {
    await this.#link.command('del', ...this.#pair(path, key))
  }

  async expire(path: string, key: string): Promise<void> {
    await this.#link.run(EXPIRE, this.#pair(path, key), [])
  }

  #pair(path: string, key: string): [value: string, lease: string] {
    return [this.#keys.value(path, key), this.#keys.lease(path, key)]
  }

  #flush(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (let start = 0; start < waiting.length; start += LARGEST_BATCH) {
      this.#readBatch(waiting.slice(start, start + LARGEST_BATCH))
    }
  }

  #readBatch(batch: readonly WaitingRead[]): void {
    const keys = batch.map(({ valueKey }) => valueKey)
    Promise.all([this.#link.command('mget', ...keys), this.#link.command('time')]).then(
      ([values, time]) => answer(batch, clockOf(time as Buffer[]), values as (Buffer | null)[]),
      (error: unknown) => {
        for (const read of batch) read.reject(error)
      },
    )
  }
}

function clockOf([seconds, microseconds]: Buffer[]): number {
  return Number(seconds) * 1_000 + Math.floor(Number(microseconds) / 1_000)
}

function answer(
  batch: readonly WaitingRead[],
  redisNowMs: number,
  values: readonly (Buffer | null)[],
): void {
  for (let index = 0; index < batch.length; index += 1) {
    batch[index]?.resolve({ bytes: values[index] ?? null, redisNowMs })
  }
}
