import type { Target } from '../../proxy/proxied-connection.ts'
import type { RedisServer } from '../redis-server.ts'

/** What a test asks of its Sentinel. */
export interface StartSentinelOptions {
  /** How many replicas the master has. @defaultValue 1 */
  readonly replicas?: number | undefined
  /** How long a master may be silent before it counts as down, in milliseconds. @defaultValue 300 */
  readonly downAfterMs?: number | undefined
  /** Directives of the data servers, as in redis.conf. */
  readonly config?: Readonly<Record<string, string>> | undefined
}

/** A master, its replicas, and three Sentinels that watch over them with a quorum of two. */
export interface RedisSentinel {
  /** For a client: `new Redis(sentinel.options)`. */
  readonly options: { readonly sentinels: Target[]; readonly name: string }
  /** The Sentinels themselves. */
  readonly sentinels: readonly RedisServer[]
  /** The master that the Sentinels name. */
  master(): Promise<RedisServer>
  /** All other data servers. */
  replicas(): Promise<RedisServer[]>
  /**
   * SIGKILL of the master, if it still lives. Resolves with the new master when all Sentinels name it; the dead one has
   * been started again by then and is a replica, with all copies made.
   */
  failover(): Promise<RedisServer>
  /** Ends everything, in whatever state it is. */
  stop(): Promise<void>
}
