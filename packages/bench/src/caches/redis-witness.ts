import type { Redis } from 'ioredis'
import type { Contestant } from './contestant.ts'
import { requireEqual } from './laps.ts'

/** Sees to it that what is measured as hits in Redis is found there, and not loaded. */
export class RedisWitness {
  readonly #redis: Redis
  readonly #callsBefore = new Map<Contestant, number>()
  #hitsBefore = 0

  constructor(redis: Redis) {
    this.#redis = redis
  }

  /** From now on a contestant must load nothing. */
  async begin(contestant: Contestant): Promise<void> {
    this.#hitsBefore = await this.#countHits()
    this.#callsBefore.set(contestant, contestant.source.calls)
  }

  /** Throws unless Redis has found at least so many keys since the last time. */
  async check(contestant: Contestant, reads: number): Promise<void> {
    const { name, source } = contestant
    requireEqual(`${name}: loads`, source.calls, this.#callsBefore.get(contestant) as number)
    const hits = await this.#countHits()
    const found = hits - this.#hitsBefore
    this.#hitsBefore = hits
    if (found < reads) throw new Error(`${name}: Redis found ${found} keys for ${reads} reads`)
  }

  async #countHits(): Promise<number> {
    const stats = await this.#redis.info('stats')
    return Number(/^keyspace_hits:(\d+)/m.exec(stats)?.[1])
  }
}
