import type { Redis } from 'ioredis'
import type { Timer } from '../base/clock.ts'
import type { RedisLink } from '../redis/types.ts'
import type { Invalidation } from './invalidation.ts'
import type { KeySpace } from './keys.ts'
import { memoryPrefixOf } from './scope.ts'
import type { CacheState } from './state.ts'

const CHANNEL = '__redis__:invalidate'
const FIRST_RETRY_MS = 50
const LONGEST_RETRY_MS = 1_000
const LONGEST_ARMING_MS = 2_000
const SHORTEST_HEARTBEAT_MS = 50
const LONGEST_HEARTBEAT_MS = 500

/**
 * Keeps memory in step with Redis by server-assisted client-side caching: Redis names every key
 * under our prefixes that anybody writes, deletes or lets expire, this process included, and its
 * copy here is dropped.
 *
 * `CLIENT TRACKING ... BCAST` is armed on a RESP2 connection redirected to itself. Such a connection
 * forgets its arming when it breaks, and ioredis would subscribe again and say nothing; so it is
 * never reconnected but replaced, armed anew, and all that was held meanwhile is dropped.
 */
export class Tracker {
  readonly #state: CacheState
  readonly #link: RedisLink
  readonly #keys: KeySpace
  readonly #invalidation: Invalidation
  readonly #heartbeatMs: number
  #connections: Redis[] = []
  #timer: Timer | undefined
  #retryMs = FIRST_RETRY_MS
  /** All that happened until then has been heard of. */
  #vouchedUntilMs: number
  #isArmed: boolean | undefined
  #isArming = false
  #isStopped = false

  constructor(state: CacheState, link: RedisLink, keys: KeySpace, invalidation: Invalidation) {
    this.#state = state
    this.#link = link
    this.#keys = keys
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
    if (this.#isArming || this.#connections.length > 0) return
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
    let connections: Redis[] = []
    const timeout = this.#state.clock.schedule(LONGEST_ARMING_MS, () => {
      for (const connection of connections) connection.disconnect()
    })
    try {
      connections = this.#link.openSubscribers()
      this.#connections = connections
      for (const connection of connections) {
        connection.on('error', () => {})
        connection.on('messageBuffer', (_channel, keys: unknown) => this.#hear(keys))
      }
      await Promise.all(connections.map((connection) => this.#armOne(connection)))
      if (this.#isStopped || connections.length === 0) throw new Error('No server to track')
      for (const connection of connections) connection.on('end', () => this.#lost(connections))
      this.#trust()
      this.#timer = this.#state.clock.schedule(this.#heartbeatMs, () => this.#beat(connections))
    } catch (error) {
      for (const connection of connections) connection.disconnect()
      this.#retry(error)
    } finally {
      this.#isArming = false
      timeout.cancel()
    }
  }

  async #armOne(connection: Redis): Promise<void> {
    await connection.connect()
    const id = await connection.client('ID')
    const prefixes = this.#keys.prefixes.flatMap((prefix) => [
      'PREFIX',
      this.#link.keyPrefix + prefix,
    ])
    await connection.call('CLIENT', 'TRACKING', 'ON', 'REDIRECT', id, 'BCAST', ...prefixes)
    await connection.subscribe(CHANNEL)
  }

  /** A connection that was cut without a word says nothing, so it is asked. */
  #beat(connections: Redis[]): void {
    const { clock } = this.#state
    const askedAtMs = clock.now()
    let isAnswered = false
    Promise.all(connections.map((connection) => connection.ping())).then(
      () => {
        isAnswered = true
        this.#vouchedUntilMs = askedAtMs
      },
      () => {},
    )
    const judge = (): void => {
      if (isAnswered) this.#beat(connections)
      else this.#lost(connections)
    }
    this.#timer = clock.schedule(this.#heartbeatMs, () => {
      if (isAnswered) this.#beat(connections)
      // This process may have been too busy to read an answer that is there.
      else this.#timer = clock.schedule(0, judge)
    })
  }

  /** Redis names the keys that changed; null stands for all of them. */
  #hear(keys: unknown): void {
    if (!Array.isArray(keys)) {
      this.#invalidation.forgetAll()
      return
    }
    for (const key of keys) this.#forget(String(key).slice(this.#link.keyPrefix.length))
  }

  #forget(redisKey: string): void {
    const meaning = this.#keys.parse(redisKey)
    if (meaning?.kind === 'value') {
      const prefix = memoryPrefixOf(meaning.path, this.#state.secret)
      this.#invalidation.forgetKey(prefix + meaning.key)
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
    this.#state.events.emit('coherence', { isArmed, error })
  }

  #lost(connections: Redis[]): void {
    if (this.#isStopped || this.#connections !== connections) return
    this.#distrust()
    this.#disconnect()
    this.#retry(new Error('The tracking connection was lost'))
  }

  #retry(error: unknown): void {
    if (this.#isStopped) return
    this.#connections = []
    this.#changeTo(false, error)
    this.#timer?.cancel()
    const waitMs = this.#retryMs * (0.5 + this.#state.random.next())
    this.#retryMs = Math.min(this.#retryMs * 2, LONGEST_RETRY_MS)
    this.#timer = this.#state.clock.schedule(waitMs, () => void this.#arm())
  }

  #disconnect(): void {
    const connections = this.#connections
    this.#connections = []
    for (const connection of connections) connection.disconnect()
  }
}
