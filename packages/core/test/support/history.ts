import { SeededRandom } from '@hotpath/testing'
import type { Cache } from '../../src/index.ts'

/** One process of a history: its cache, and whether it hears others at once. */
export interface Actor {
  readonly name: string
  readonly cache: Cache
  /** Without memory every read asks Redis, so what any process has had acknowledged counts. */
  seesAll: boolean
}

/** A read that gave an older value than was allowed. */
export interface Violation {
  readonly actor: string
  readonly key: string
  readonly found: number
  readonly wanted: number
}

const KEYS = ['a', 'b', 'c', 'd']

/**
 * Many processes read, write and invalidate versions of a few keys at random, and each read is
 * checked: once an invalidation of a version has been acknowledged, nobody who asks after it may be
 * given an older one.
 *
 * The source of truth is a counter for each key. Who writes a key does so alone, for two writers who
 * race each other to a cache is a matter for them.
 */
export class History {
  readonly violations: Violation[] = []
  readonly failures: unknown[] = []
  reads = 0
  readonly #actors: readonly Actor[]
  readonly #random: SeededRandom
  readonly #versions = new Map<string, number>(KEYS.map((key) => [key, 0]))
  readonly #acknowledged = new Map<string, number>()
  readonly #writers = new Map<string, Promise<void>>()

  constructor(actors: readonly Actor[], seed: number) {
    this.#actors = actors
    this.#random = new SeededRandom(seed)
  }

  async run(workers: number, steps: number): Promise<void> {
    await Promise.all(Array.from({ length: workers }, () => this.#work(steps)))
  }

  async #work(steps: number): Promise<void> {
    for (let step = 0; step < steps; step += 1) {
      const actor = this.#pick(this.#actors)
      const key = this.#pick(KEYS)
      try {
        if (this.#random.next() < 0.7) await this.#read(actor, key)
        else await this.#alone(key, () => this.#write(actor, key))
      } catch (error) {
        this.failures.push(error)
      }
      await this.#turns(2)
    }
  }

  async #read({ name, cache, seesAll }: Actor, key: string): Promise<void> {
    const wanted = Math.max(this.#floor(name, key), seesAll ? this.#floor('all', key) : 0)
    const found = await this.#ask(cache, key)
    this.reads += 1
    if (found !== undefined && found < wanted)
      this.violations.push({ actor: name, key, found, wanted })
  }

  #ask(cache: Cache, key: string): Promise<number | undefined> {
    const way = this.#random.next()
    if (way < 0.15) return cache.get<number>(key)
    if (way < 0.2) return cache.getMany<number>([key]).then(([value]) => value)
    const tags = [`tag-${key}`]
    if (way < 0.25) return cache.refresh(key, () => this.#load(key), { tags })
    const isLateTag = way < 0.5
    return cache.getOrSet<number>(
      key,
      async (ctx) => {
        const version = await this.#load(key)
        if (isLateTag) ctx.addTags(...tags)
        return version
      },
      isLateTag ? {} : { tags },
    )
  }

  async #load(key: string): Promise<number> {
    const version = this.#versions.get(key) as number
    await this.#turns(6)
    return version
  }

  async #write({ name, cache }: Actor, key: string): Promise<void> {
    const version = (this.#versions.get(key) as number) + 1
    this.#versions.set(key, version)
    const way = this.#random.next()
    if (way < 0.2) {
      await cache.set(key, version, { tags: [`tag-${key}`] })
    } else {
      const { applied } = await this.#invalidate(cache, key, way)
      if (applied === 'everywhere') this.#acknowledge('all', key, version)
    }
    this.#acknowledge(name, key, version)
  }

  #invalidate(cache: Cache, key: string, way: number): ReturnType<Cache['clear']> {
    if (way < 0.5) return cache.delete(key)
    if (way < 0.85) return cache.deleteByTag(`tag-${key}`)
    return way < 0.95 ? cache.expire(key) : cache.clear()
  }

  async #alone(key: string, write: () => Promise<void>): Promise<void> {
    const before = this.#writers.get(key)
    const mine = (async () => {
      await before?.catch(() => {})
      await write()
    })()
    this.#writers.set(key, mine)
    await mine
  }

  #floor(name: string, key: string): number {
    return this.#acknowledged.get(`${name} ${key}`) ?? 0
  }

  #acknowledge(name: string, key: string, version: number): void {
    this.#acknowledged.set(`${name} ${key}`, Math.max(version, this.#floor(name, key)))
  }

  #pick<T>(choices: readonly T[]): T {
    return choices[Math.floor(this.#random.next() * choices.length)] as T
  }

  async #turns(most: number): Promise<void> {
    const turns = Math.floor(this.#random.next() * (most + 1))
    for (let turn = 0; turn < turns; turn += 1) await new Promise(setImmediate)
  }
}
