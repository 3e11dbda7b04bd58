import { type FaultProxy, type RedisServer, startFaultProxy } from '@hotpath/testing'
import { Redis } from 'ioredis'
import { onTestFinished } from 'vitest'
import type { RedisInput } from '../../src/index.ts'

/** A Redis as a suite sees it: one server, or many that act as one. */
export interface RedisSite {
  /** More than one server may answer, so no proxy can stand before it. */
  readonly hasManyServers: boolean
  /** The one server, where there is but one. */
  readonly server: RedisServer | undefined
  /** What a cache takes as `redis`. */
  readonly redis: RedisInput
  /** Removes a key by its name in Redis. */
  delete(name: string): Promise<void>
  /** Runs a command on every server that writes. */
  everywhere(command: string, ...args: string[]): Promise<unknown[]>
}

/** One server, to which each cache opens a connection of its own. */
export function standalone(redis: { readonly server: RedisServer }): RedisSite {
  const ask = async (command: string, ...args: string[]): Promise<unknown> => {
    const client = new Redis(redis.server.url)
    try {
      return await client.call(command, ...args)
    } finally {
      client.disconnect()
    }
  }
  return {
    hasManyServers: false,
    get server() {
      return redis.server
    },
    get redis() {
      return redis.server.url
    },
    delete: async (name) => void (await ask('DEL', name)),
    everywhere: async (command, ...args) => [await ask(command, ...args)],
  }
}

/** A proxy before the one server, until the test is over. */
export async function openProxy({ server }: RedisSite): Promise<FaultProxy> {
  if (server === undefined) throw new Error('There are several servers')
  const proxy = await startFaultProxy({ target: { host: server.host, port: server.port } })
  onTestFinished(() => proxy.close())
  return proxy
}
