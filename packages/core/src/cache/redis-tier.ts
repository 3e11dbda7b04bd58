import type { RedisLink } from '../redis/types.ts'
import type { KeySpace } from './keys.ts'
import { EXPIRE, FILL, READ, RELEASE } from './scripts.ts'

/** What Redis says of a key. */
export interface RedisReply {
  /** The entry as written, if there is one. */
  readonly bytes: Buffer | null
  /** What remains of it, in milliseconds. */
  readonly remainingMs: number
  /** Whether the lease that was asked for was granted. */
  readonly isGranted: boolean
}

interface WaitingRead {
  readonly path: string
  readonly key: string
  readonly token: string
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
   * Reads a key and, with a token, asks for its lease if it is missing. Reads of one tick travel in
   * one script, for the script's own cost is most of a read's.
   */
  read(path: string, key: string, token: string): Promise<RedisReply> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.length === 0) process.nextTick(() => this.#flush())
      this.#waiting.push({ path, key, token, resolve, reject })
    })
  }

  /** Takes the lease of a key, if nobody holds it or by `force`. */
  async acquire(path: string, key: string, token: string, force: boolean): Promise<boolean> {
    const condition = force ? [] : ['nx']
    const lease = this.#keys.lease(path, key)
    const args = [lease, token, 'px', this.#leaseTimeoutMs, ...condition]
    return (await this.#link.command('set', ...args)) !== null
  }

  /** Stores an entry if `token` still holds the lease. */
  async fill(
    path: string,
    key: string,
    token: string,
    bytes: Buffer,
    lifetimeMs: number,
  ): Promise<boolean> {
    const args = [token, bytes, Math.ceil(lifetimeMs)]
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
    // On a Cluster the keys of two reads hardly ever share a slot, and a script must have one.
    const size = this.#link.isCluster ? 1 : LARGEST_BATCH
    for (let start = 0; start < waiting.length; start += size) {
      this.#readBatch(waiting.slice(start, start + size))
    }
  }

  #readBatch(batch: readonly WaitingRead[]): void {
    const keys: string[] = []
    const args: (string | number)[] = [this.#leaseTimeoutMs]
    for (const { path, key, token } of batch) {
      keys.push(...this.#pair(path, key))
      args.push(token)
    }
    this.#link.run(READ, keys, args).then(
      (reply) => answer(batch, reply as (Buffer | number | null)[]),
      (error: unknown) => {
        for (const read of batch) read.reject(error)
      },
    )
  }
}

function answer(batch: readonly WaitingRead[], reply: (Buffer | number | null)[]): void {
  for (let index = 0; index < batch.length; index += 1) {
    const bytes = reply[index * 2] as Buffer | null
    const number = reply[index * 2 + 1] as number
    batch[index]?.resolve({
      bytes,
      remainingMs: bytes === null ? 0 : number,
      isGranted: bytes === null && number === 1,
    })
  }
}
