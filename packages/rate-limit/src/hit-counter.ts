import {
  type Clock,
  type Duration,
  type RedisInput,
  type RedisLink,
  systemClock,
  systemRandom,
} from '@hotpath/core'
import { durationSchema, resolveOptions } from '@hotpath/core/base'
import { z } from 'zod'
import type { Rule } from './algorithms/algorithm.ts'
import type { Charge, Driver, Item, Mode, Outcome } from './driver.ts'
import { isAway } from './is-away.ts'
import { KeyNames } from './keys.ts'
import { ExpiringMap } from './memory/expiring-map.ts'
import { MemoryDriver } from './memory/memory-driver.ts'
import { dropAll } from './redis/drop-all.ts'
import { openLink } from './redis/open-link.ts'
import { RedisDriver } from './redis/redis-driver.ts'

/** Options of the stores for other middlewares. */
export interface HitStoreOptions {
  /** @defaultValue in this process's memory */
  redis?: RedisInput | undefined
  /** First part of the keys. Stores of one Redis that are not to share counts need different ones. @defaultValue `'hotpath'` */
  namespace?: string | undefined
  /** How hits are counted. The middleware counts refused ones too. @defaultValue `'fixed-window'`, as it is used to */
  algorithm?: 'fixed-window' | 'sliding-window' | 'sliding-log' | undefined
  /** Longest that a hit waits for Redis. @defaultValue `'250ms'` */
  storeTimeout?: Duration | undefined
  /** While Redis is away: count in this process, or reject and leave it to the middleware. @defaultValue `'local'` */
  onStoreError?: 'local' | 'throw' | undefined
  /** Clients remembered one by one in memory. @defaultValue 50,000 */
  maxKeys?: number | undefined
  clock?: Clock | undefined
}

const schema = z.strictObject({
  redis: z.custom<RedisInput>().optional(),
  namespace: z.string().default('hotpath'),
  algorithm: z.enum(['fixed-window', 'sliding-window', 'sliding-log']).default('fixed-window'),
  storeTimeout: durationSchema.default(250),
  onStoreError: z.enum(['local', 'throw']).default('local'),
  maxKeys: z.int().min(1).default(50_000),
  clock: z.custom<Clock>().default(systemClock),
})

const NAME = 'hits'
const NAMES = [NAME]

const NO_BAN = { after: 0, durationMs: 0, factor: 1, forgetMs: 0 }

/** More than anybody is allowed: who uses it decides for itself how much is too much. */
const CAPACITY = 2 ** 40

/** Marks of one client whose hits can be taken back: more than a window has but in a log. */
const KEPT_MARKS = 20

/** How often a client has come, and until when that counts. */
export interface Hits {
  readonly count: number
  readonly resetMs: number
}

/** Hits that lie in one place of a window, and so can be taken back by one charge. */
interface Made {
  readonly charge: Charge
  readonly driver: Driver
  count: number
}

/** Counts hits in a window, with no limit of its own: what the stores of other middlewares are made of. */
export class HitCounter {
  readonly clock: Clock
  readonly isLocal: boolean
  readonly #settings: z.output<typeof schema>
  readonly #keys: KeyNames
  #local: MemoryDriver
  readonly #redis: RedisDriver | undefined
  readonly #link: { link: RedisLink; isOurs: boolean } | undefined
  #charges: ExpiringMap<Made[]>
  /** The last that was asked for: a middleware has one. */
  #window: { readonly rule: Rule; readonly suffix: string }

  constructor(entryPoint: string, options: HitStoreOptions | undefined) {
    this.#settings = resolveOptions(entryPoint, schema, options)
    const { redis, clock, maxKeys, namespace, storeTimeout } = this.#settings
    this.clock = clock
    this.isLocal = redis === undefined
    this.#keys = new KeyNames(namespace, {
      isInRedis: redis !== undefined,
      isShared: false,
      isAlone: false,
    })
    this.#local = new MemoryDriver(maxKeys, clock, systemRandom)
    this.#link = redis === undefined ? undefined : openLink(redis, { clock, storeTimeout })
    this.#redis = this.#link && new RedisDriver(this.#link.link, systemRandom)
    this.#charges = new ExpiringMap(maxKeys)
    this.#window = this.#windowOf(60_000)
  }

  get namespace(): string {
    return this.#settings.namespace
  }

  async hit(key: string, windowMs: number): Promise<Hits> {
    const { outcome, driver } = await this.#ask(key, windowMs, 'force')
    for (const charge of outcome.charges) this.#note(key, charge, driver, windowMs)
    return readHits(outcome)
  }

  async peek(key: string, windowMs: number): Promise<Hits> {
    return readHits((await this.#ask(key, windowMs, 'peek')).outcome)
  }

  /** Takes back the latest hit that this process has counted, in the window where it was made. */
  async takeBack(key: string): Promise<void> {
    const made = this.#charges.get(key, this.clock.now()) ?? []
    const latest = made.at(-1)
    if (latest === undefined) return
    latest.count -= 1
    if (latest.count === 0) made.pop()
    try {
      await latest.driver.refund([latest.charge])
    } catch (error) {
      // It ends by its time to live, and whoever takes back does not listen.
      if (!isAway(error) || this.#settings.onStoreError === 'throw') throw error
    }
  }

  async reset(key: string, windowMs: number): Promise<void> {
    const names = [this.#item(this.#keys.base(key), windowMs, 0).key]
    this.#charges.delete(key)
    this.#local.reset(names)
    await this.#redis?.reset(names)
  }

  /** Forgets everybody. Takes a look at every key of the server, a thousand at a time. */
  async resetAll(): Promise<void> {
    const { maxKeys } = this.#settings
    this.#charges = new ExpiringMap(maxKeys)
    this.#local = new MemoryDriver(maxKeys, this.clock, systemRandom)
    if (this.#link !== undefined)
      await dropAll(this.#link.link, this.#keys.everyone(NAME, CAPACITY))
  }

  async close(): Promise<void> {
    if (this.#link?.isOurs) await this.#link.link.close()
  }

  #note(key: string, charge: Charge, driver: Driver, windowMs: number): void {
    const nowMs = this.clock.now()
    const made = this.#charges.get(key, nowMs) ?? []
    const latest = made.at(-1)
    if (latest?.driver === driver && isSameMark(latest.charge, charge)) latest.count += 1
    else made.push({ charge, driver, count: 1 })
    this.#charges.set(key, made.slice(-KEPT_MARKS), nowMs + windowMs, nowMs)
  }

  async #ask(
    key: string,
    windowMs: number,
    mode: Mode,
  ): Promise<{ outcome: Outcome; driver: Driver }> {
    const base = this.#keys.base(key)
    const items = [this.#item(base, windowMs, mode === 'peek' ? 0 : 1)]
    const question = {
      banKey: this.#keys.ban(base),
      ban: NO_BAN,
      items,
      names: NAMES,
      hasSlots: false,
    }
    const store = this.#redis ?? this.#local
    try {
      return { outcome: await store.decide(question, mode), driver: store }
    } catch (error) {
      if (!isAway(error) || this.#settings.onStoreError === 'throw') throw error
      return { outcome: this.#local.decide(question, mode), driver: this.#local }
    }
  }

  #item(base: string, windowMs: number, cost: number): Item {
    if (windowMs !== this.#window.rule.windowMs) this.#window = this.#windowOf(windowMs)
    const { rule, suffix } = this.#window
    return { key: base + suffix, rule, cost }
  }

  #windowOf(windowMs: number): { rule: Rule; suffix: string } {
    const { algorithm } = this.#settings
    const rule = { algorithm, limit: CAPACITY, windowMs, capacity: CAPACITY, buckets: 10 }
    const policy = { ...rule, name: NAME, burst: undefined, cost: undefined, key: undefined }
    return { rule, suffix: this.#keys.suffix(policy) }
  }
}

function isSameMark(one: Charge, other: Charge): boolean {
  return one.key === other.key && one.place === other.place && one.debt === other.debt
}

function readHits({ policies }: Outcome): Hits {
  const [{ remaining, resetMs } = { remaining: CAPACITY, resetMs: 0 }] = policies
  return { count: CAPACITY - remaining, resetMs }
}
