import type { Redis } from 'ioredis'
import type { Timer } from '../base/clock.ts'
import type { Subscribers } from '../redis/types.ts'
import { createPubSub, createTracking, type Hearing, TrackingRefused } from './hearing.ts'
import type { Invalidation } from './invalidation.ts'
import type { KeySpace } from './keys.ts'
import { memoryPrefixOf } from './scope.ts'
import type { CacheState, RedisState } from './state.ts'

const NOBODY: Subscribers = { connections: [], masters: '' }
const FIRST_RETRY_MS = 50
const LONGEST_RETRY_MS = 1_000
const LONGEST_ARMING_MS = 2_000
const SHORTEST_HEARTBEAT_MS = 50
const LONGEST_HEARTBEAT_MS = 500

/**
 * Keeps memory in step with Redis: it hears which keys change, whoever changes them, and drops its
 * copies.
 *
 * A connection that breaks may have missed something, and ioredis would subscribe again and say
 * nothing; so it is never reconnected but replaced, armed anew, and all that was held meanwhile is
 * dropped.
 */
export class Tracker {
  readonly #state: CacheState
  readonly #redis: RedisState
  readonly #keys: KeySpace
  readonly #invalidation: Invalidation
  #hearing: Hearing
  readonly #heartbeatMs: number
  #subscribers: Subscribers = NOBODY
  #timer: Timer | undefined
  #retryMs = FIRST_RETRY_MS
  /** All that happened until then has been heard of. */
  #vouchedUntilMs: number
  #isArmed: boolean | undefined
  #isArming = false
  #isStopped = false

  constructor(
    state: CacheState,
    redis: RedisState,
    keys: KeySpace,
    invalidation: Invalidation,
    mode: Hearing['mode'],
  ) {
    this.#state = state
    this.#redis = redis
    this.#keys = keys
    this.#hearing = mode === 'tracking' ? createTracking(redis.link, keys) : this.#pubSub()
    this.#invalidation = invalidation
    this.#vouchedUntilMs = state.clock.now()
    // Two of them fit into the grace: one is asked, and the next finds that nobody has answered.
    const halfGraceMs = state.trust.graceMs / 2
    this.#heartbeatMs = Math.min(Math.max(halfGraceMs, SHORTEST_HEARTBEAT_MS), LONGEST_HEARTBEAT_MS)
  }

  start(): void {
    this.#distrust()
    void this.#arm()
  }

  /** Redis is back: there is no need to wait for the next try. */
  hurry(): void {
    if (this.#isArming || this.#subscribers !== NOBODY) return
    this.#timer?.cancel()
    void this.#arm()
  }

  stop(): void {
    this.#isStopped = true
    this.#timer?.cancel()
    this.#disconnect()
  }

  async #arm(): Promise<void> {
    this.#isArming = true
    let timeout: Timer | undefined
    const isLate = new Promise<never>((_, reject) => {
      const late = (): void => reject(new Error('No server to track has answered in time'))
      timeout = this.#state.clock.schedule(LONGEST_ARMING_MS, late)
    })
    try {
      const opening = this.#redis.link.openSubscribers(this.#hearing.needsAllServers)
      const subscribers = await Promise.race([opening, isLate])
      await Promise.race([this.#armAll(subscribers), isLate])
      for (const connection of subscribers.connections) {
        connection.on('end', () => this.#lost(subscribers))
      }
      this.#trust()
      this.#timer = this.#state.clock.schedule(this.#heartbeatMs, () => this.#beat(subscribers))
    } catch (error) {
      this.#disconnect()
      // On a Cluster messages may be lost unnoticed, and are sent only where all have asked for it.
      const mayTurn = error instanceof TrackingRefused && !this.#redis.link.isCluster
      if (mayTurn) this.#hearing = this.#pubSub()
      this.#retry(error)
    } finally {
      this.#isArming = false
      timeout?.cancel()
    }
  }

  async #armAll(subscribers: Subscribers): Promise<void> {
    const { connections } = subscribers
    if (this.#isStopped || connections.length === 0) throw new Error('No server to track')
    this.#subscribers = subscribers
    await Promise.all(connections.map((connection) => this.#armOne(connection)))
    if (!(await this.#areStillAll(subscribers))) throw new Error('The masters have changed')
    if (this.#isStopped) throw new Error('The cache was closed')
  }

  async #armOne(connection: Redis): Promise<void> {
    connection.on('error', () => {})
    connection.on('messageBuffer', (_channel, message: unknown) => this.#hear(message))
    await connection.connect()
    await this.#hearing.arm(connection)
  }

  /** A master that came since is one that nobody listens to. */
  async #areStillAll({ masters }: Subscribers): Promise<boolean> {
    return !this.#hearing.needsAllServers || (await this.#redis.link.readMasters()) === masters
  }

  #pubSub(): Hearing {
    return createPubSub(this.#redis.link, this.#keys)
  }

  /** A connection that was cut without a word says nothing, so it is asked. */
  #beat(subscribers: Subscribers): void {
    const { clock } = this.#state
    const askedAtMs = clock.now()
    let isAnswered = false
    const pings = subscribers.connections.map((connection) => connection.ping())
    Promise.all([this.#areStillAll(subscribers), ...pings]).then(
      ([areStillAll]) => {
        if (!areStillAll) this.#lost(subscribers)
        isAnswered = true
        this.#vouchedUntilMs = askedAtMs
      },
      () => {},
    )
    const judge = (): void => {
      if (isAnswered) this.#beat(subscribers)
      else this.#lost(subscribers)
    }
    this.#timer = clock.schedule(this.#heartbeatMs, () => {
      if (isAnswered) this.#beat(subscribers)
      // This process may have been too busy to read an answer that is there.
      else this.#timer = clock.schedule(0, judge)
    })
  }

  #hear(message: unknown): void {
    const keys = this.#hearing.parse(message)
    if (keys === undefined) this.#invalidation.forgetAll()
    else for (const key of keys) this.#forget(key.slice(this.#redis.link.keyPrefix.length))
  }

  #forget(redisKey: string): void {
    const meaning = this.#keys.parse(redisKey)
    if (meaning?.kind === 'value') {
      const prefix = memoryPrefixOf(meaning.path)
      this.#invalidation.forgetKey(prefix + meaning.key)
      this.#state.wakeUps.wake(prefix + meaning.key)
    } else if (meaning?.kind === 'tag') {
      this.#state.local.forgetTag(meaning.tag)
    } else if (meaning?.kind === 'era') {
      this.#state.local.forgetEra(meaning.path)
    }
  }

  #trust(): void {
    this.#retryMs = FIRST_RETRY_MS
    this.#invalidation.forgetAll()
    this.#vouchedUntilMs = this.#state.clock.now()
    this.#state.trust.graceEndsMs = Number.POSITIVE_INFINITY
    this.#state.trust.isHearing = true
    this.#state.trust.isPrompt = this.#hearing.mode === 'tracking'
    this.#changeTo(true, undefined)
  }

  #distrust(): void {
    const { trust, clock } = this.#state
    if (trust.graceEndsMs !== Number.POSITIVE_INFINITY) return
    trust.isHearing = false
    trust.lostAtMs = clock.now()
    trust.graceEndsMs = this.#vouchedUntilMs + trust.graceMs
  }

  #changeTo(isArmed: boolean, error: unknown): void {
    if (this.#isArmed === isArmed) return
    this.#isArmed = isArmed
    this.#state.events.emit('coherence', { isArmed, mode: this.#hearing.mode, error })
  }

  #lost(subscribers: Subscribers): void {
    if (this.#isStopped || this.#subscribers !== subscribers) return
    this.#distrust()
    this.#disconnect()
    this.#retry(new Error('The tracking connection was lost'))
  }

  #retry(error: unknown): void {
    if (this.#isStopped) return
    this.#changeTo(false, error)
    this.#timer?.cancel()
    const waitMs = this.#retryMs * (0.5 + this.#state.random.next())
    this.#retryMs = Math.min(this.#retryMs * 2, LONGEST_RETRY_MS)
    this.#timer = this.#state.clock.schedule(waitMs, () => void this.#arm())
  }

  #disconnect(): void {
    const { connections } = this.#subscribers
    this.#subscribers = NOBODY
    for (const connection of connections) connection.disconnect()
  }
}
