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
      try {
        const id = await connection.client('ID')
        await connection.call('CLIENT', 'TRACKING', 'ON', 'REDIRECT', id, 'BCAST', ...prefixes)
      } catch (error) {
        throw isRefusal(error) ? new TrackingRefused(error) : error
      }
      await connection.subscribe('__redis__:invalidate')
    },
    parse: (message) => (Array.isArray(message) ? message.map(String) : undefined),
  }
}

/** The scripts publish the keys that they change: for where Redis allows no tracking. */
export function createPubSub(link: RedisLink, keys: KeySpace): Hearing {
  const channel = link.keyPrefix + keys.channel()
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

/** The server does not allow CLIENT TRACKING, or does not know it: other ways may be open. */
export class TrackingRefused extends Error {
  constructor(cause: Error) {
    super(cause.message, { cause })
    this.name = 'TrackingRefused'
  }
}

function isRefusal(error: unknown): error is Error {
  return (
    error instanceof Error &&
    /^(NOPERM|ERR unknown|ERR .*not (allowed|supported))/i.test(error.message)
  )
}
