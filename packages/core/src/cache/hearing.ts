import type { Redis } from 'ioredis'
import type { RedisLink } from '../redis/types.ts'
import type { KeySpace } from './keys.ts'

/** A way to hear which keys others change, on a connection of its own to one server. */
export interface Hearing {
  readonly mode: 'tracking' | 'pubsub'
  /** On a Cluster: whether each master tells of its own keys only. */
  readonly needsAllServers: boolean
  /** Begins to listen on an open connection. */
  arm(connection: Redis): Promise<void>
  /** The keys that a message names, as Redis knows them; `undefined` stands for all. */
  parse(message: unknown): readonly string[] | undefined
}

/**
 * Server-assisted client-side caching: `CLIENT TRACKING ... BCAST` on a RESP2 connection redirected
 * to itself. Redis names every key under our prefixes that anybody writes, deletes, evicts or lets
 * expire, this process included.
 */
export function createTracking(link: RedisLink, keys: KeySpace): Hearing {
  const prefixes = keys.prefixes.flatMap((prefix) => ['PREFIX', link.keyPrefix + prefix])
  return {
    mode: 'tracking',
    needsAllServers: true,
    arm: async (connection) => {
      const id = await connection.client('ID')
      await connection.call('CLIENT', 'TRACKING', 'ON', 'REDIRECT', id, 'BCAST', ...prefixes)
      await connection.subscribe('__redis__:invalidate')
    },
    parse: (message) => (Array.isArray(message) ? message.map(String) : undefined),
  }
}

/** Each process publishes the keys that it changes, where Redis allows no tracking. */
export function createPubSub(link: RedisLink, channel: string): Hearing {
  return {
    mode: 'pubsub',
    needsAllServers: false,
    arm: async (connection) => {
      await connection.subscribe(channel)
      // Who may listen but not speak would never be heard by others: better to be told now.
      await link.command('publish', channel, '')
    },
    parse: (message) => [String(message)],
  }
}

/** Whether a server has said that it does not allow, or does not know, a command. */
export function isNotAllowed(error: unknown): boolean {
  return (
    error instanceof Error &&
    /^(NOPERM|ERR unknown|ERR .*not (allowed|supported))/i.test(error.message)
  )
}
