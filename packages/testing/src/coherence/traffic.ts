import { setTimeout as delay } from 'node:timers/promises'
import type { Chance } from './chance.ts'
import type { CoherentCache, Versioned } from './driver.ts'
import type { ReadSort } from './history.ts'
import type { Invalidator, WriteSort } from './invalidator.ts'
import { ALL_KEYS, traitsOf } from './keys.ts'
import { monotonicMs } from './monotonic.ts'
import type { Recorder } from './recorder.ts'
import type { SlowLoader } from './slow-loader.ts'

const CALLERS = 5
const SHORTEST_PAUSE_MS = 1
const LONGEST_PAUSE_MS = 16
/** How often a write picks a key that is just being loaded here. */
const RACE = 0.3

/**
 * How often what is done. What reaches many keys is rare: after an outage it would hide that some
 * other invalidation was missed.
 */
const SORTS: Readonly<Record<ReadSort | WriteSort, number>> = {
  getOrSet: 74,
  get: 12,
  getMany: 7,
  delete: 3,
  deleteByTag: 0.6,
  expire: 1.5,
  set: 1.8,
  clear: 0.06,
}

/** Reads and writes at random, as several callers of one process do at a time. */
export class Traffic {
  readonly #process: string
  readonly #cache: CoherentCache
  readonly #invalidator: Invalidator
  readonly #loader: SlowLoader
  readonly #recorder: Recorder
  readonly #chance: Chance
  #isRunning = false
  #callers: Promise<void>[] = []

  constructor(
    process: string,
    cache: CoherentCache,
    invalidator: Invalidator,
    loader: SlowLoader,
    recorder: Recorder,
    chance: Chance,
  ) {
    this.#process = process
    this.#cache = cache
    this.#invalidator = invalidator
    this.#loader = loader
    this.#recorder = recorder
    this.#chance = chance
  }

  run(): void {
    if (this.#isRunning) return
    this.#isRunning = true
    this.#callers = Array.from({ length: CALLERS }, () => this.#call())
  }

  /** Resolves when what was under way has ended. */
  async hold(): Promise<void> {
    this.#isRunning = false
    await Promise.all(this.#callers)
  }

  /** Reads a key as callers do, and records it. */
  async read(key: string, sort: 'getOrSet' | 'get' = 'getOrSet'): Promise<number | undefined> {
    const ask = (): Promise<Versioned | undefined> =>
      sort === 'get'
        ? this.#cache.get(key)
        : this.#cache.getOrSet(traitsOf(key), () => this.#loader.load(key))
    const [found] = await this.#record(sort, [key], async () => [await ask()])
    return found?.version
  }

  async #call(): Promise<void> {
    while (this.#isRunning) {
      await this.#step().catch((error: unknown) => this.#fail('write', error))
      await delay(this.#chance.between(SHORTEST_PAUSE_MS, LONGEST_PAUSE_MS))
    }
  }

  async #step(): Promise<void> {
    const sort = this.#chance.pickWeighted(SORTS)
    const isRead = sort === 'getOrSet' || sort === 'get'
    const key = isRead ? this.#pickKey() : this.#pickKeyToWrite()
    switch (sort) {
      case 'getOrSet':
      case 'get':
        await this.read(key, sort)
        return
      case 'getMany':
        await this.#readMany()
        return
      case 'set':
        await this.#put(key)
        return
      case 'delete':
      case 'deleteByTag':
      case 'expire':
      case 'clear':
        if (this.#invalidator.mayWrite(key)) await this.#invalidator.write(key, sort)
    }
  }

  async #put(first: string): Promise<void> {
    let key = first
    for (let tries = 0; tries < 20 && !this.#invalidator.isOwn(key); tries += 1) {
      key = this.#pickKeyToWrite()
    }
    const mayPut = this.#invalidator.isOwn(key) && this.#invalidator.mayWrite(key)
    if (mayPut) await this.#invalidator.write(key, 'set')
  }

  async #readMany(): Promise<void> {
    const count = Math.floor(this.#chance.between(2, 9))
    const keys = [...new Set(Array.from({ length: count }, () => this.#pickKey()))]
    await this.#record('getMany', keys, () => this.#cache.getMany(keys))
  }

  async #record(
    sort: ReadSort,
    keys: readonly string[],
    ask: () => Promise<(Versioned | undefined)[]>,
  ): Promise<(Versioned | undefined)[]> {
    const begin = monotonicMs()
    let found: (Versioned | undefined)[] = []
    try {
      found = await ask()
    } catch (error) {
      this.#fail(sort, error)
    }
    const end = monotonicMs()
    keys.forEach((key, index) => {
      const { version, key: valueKey } = found[index] ?? { version: undefined, key: undefined }
      const process = this.#process
      this.#recorder.record({ kind: 'read', sort, process, key, version, valueKey, begin, end })
    })
    return found
  }

  #fail(what: string, error: unknown): void {
    const message = error instanceof Error ? error.message : String(error)
    const at = monotonicMs()
    this.#recorder.record({ kind: 'failure', process: this.#process, what, message, at })
  }

  /** Now and then one that is just being loaded: the load is then too old. */
  #pickKeyToWrite(): string {
    const { loading } = this.#loader
    const isRace = loading.length > 0 && this.#chance.happens(RACE)
    return this.#chance.pick(isRace ? loading : ALL_KEYS)
  }

  #pickKey(): string {
    return ALL_KEYS[this.#chance.lowIndex(ALL_KEYS.length)] as string
  }
}
