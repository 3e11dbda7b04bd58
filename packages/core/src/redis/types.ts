// biome-ignore lint/suspicious/noTsIgnore: in this workspace there is no error to expect
/** @ts-ignore: who keeps things in memory alone has no ioredis, and gets `any` for its types. */
import type { Cluster, Redis, RedisOptions } from 'ioredis'
import type { Clock } from '../base/clock.ts'
import type { Random } from '../base/random.ts'

/** Whether Redis can be used: `absent` means none was configured. */
export type LinkState = 'up' | 'down' | 'absent'

/**
 * What every `redis` option takes: a URL (`redis:`, `rediss:`), ioredis options, an ioredis `Redis`
 * or `Cluster` (used as it is, never closed by us), or a shared {@link RedisLink}.
 */
export type RedisInput = string | RedisOptions | Redis | Cluster | RedisLink

/** A Lua script and its SHA-1, run by EVALSHA. */
export interface Script {
  readonly name: string
  readonly lua: string
  readonly sha: string
  /** Whether it does the work of several calls that waited for each other, and need not wait for more. */
  readonly isGathered?: boolean
}

/** A part of a command. */
export type Argument = string | number | Buffer

/** Connections for subscriptions, and to which servers. */
export interface Subscribers {
  readonly connections: readonly Redis[]
  /** The masters of a Cluster; empty where there is but one. */
  readonly masters: string
}

/** What a link is told besides where Redis is. Times are milliseconds. */
export interface LinkSettings {
  storeTimeoutMs: number
  clock: Clock
  random: Random
}

/** How the link is doing. */
export interface LinkEvents {
  /** Once per change. */
  state: { state: LinkState; cause: unknown }
}

/**
 * One shared way to Redis with a deadline on each command and a circuit breaker, for every package
 * of an app. Made by {@link createRedisLink}.
 */
export interface RedisLink {
  readonly kind: 'hotpath-redis-link'
  readonly state: LinkState
  /** Whether a command would be sent: false while the circuit breaker is open. */
  readonly isUsable: boolean
  readonly isCluster: boolean
  /** What the client puts before every key by itself (ioredis's `keyPrefix`). */
  readonly keyPrefix: string
  /**
   * Runs one command; its reply's strings come as Buffers.
   *
   * Rejects with `ERR_REDIS_UNAVAILABLE` at once while the link is down, and with
   * `ERR_REDIS_TIMEOUT` when the deadline passes.
   */
  command(name: string, ...args: Argument[]): Promise<unknown>
  /** Runs a script by EVALSHA, by EVAL when Redis does not know it yet. */
  run(script: Script, keys: readonly string[], args: readonly Argument[]): Promise<unknown>
  /**
   * Further connections for subscriptions, not yet open: one to each server that writes, or with
   * `toAll` false to any one. Rejects while the nodes of a Cluster disagree on who writes.
   */
  openSubscribers(toAll: boolean): Promise<Subscribers>
  /** Which servers write at present, as {@link openSubscribers} named them when it was asked. */
  readMasters(): Promise<string>
  on<E extends keyof LinkEvents>(event: E, listener: (detail: LinkEvents[E]) => void): () => void
  /** Closes the connection if this link opened it. */
  close(): Promise<void>
}
