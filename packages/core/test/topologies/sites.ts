import {
  type RedisCluster,
  type RedisSentinel,
  type StartClusterOptions,
  type StartSentinelOptions,
  startCluster,
  startSentinel,
} from '@hotpath/testing'
import { Cluster, Redis } from 'ioredis'
import { Cluster as Cluster5, Redis as Redis5 } from 'ioredis5'
import { afterAll, beforeAll } from 'vitest'
import type { RedisInput } from '../../src/index.ts'
import type { RedisSite } from '../support/site.ts'

/** The majors of ioredis that we work with. */
export const MAJORS = ['ioredis 6', 'ioredis 5'] as const
export type Major = (typeof MAJORS)[number]

/** What both majors' clients have that a test uses. */
export interface Client {
  on(event: string, listener: () => void): unknown
  once(event: string, listener: () => void): unknown
  del(key: string): Promise<unknown>
  disconnect(): void
}

/** What `createCache` takes as `redis`. */
export function asInput(client: Client): RedisInput {
  // The cast: the types of ioredis 5 are those of another major.
  return client as never
}

/** One Cluster for the tests of a file. */
export function useCluster(options?: StartClusterOptions): { readonly cluster: RedisCluster } {
  let cluster: RedisCluster | undefined
  beforeAll(async () => {
    cluster = await startCluster(options)
  })
  afterAll(async () => {
    await cluster?.stop()
  })
  return {
    get cluster() {
      if (cluster === undefined) throw new Error('The Cluster is started before the first test')
      return cluster
    },
  }
}

/** One master with replicas and Sentinels for the tests of a file. */
export function useSentinel(options?: StartSentinelOptions): { readonly sentinel: RedisSentinel } {
  let sentinel: RedisSentinel | undefined
  beforeAll(async () => {
    sentinel = await startSentinel(options)
  })
  afterAll(async () => {
    await sentinel?.stop()
  })
  return {
    get sentinel() {
      if (sentinel === undefined) throw new Error('Sentinel is started before the first test')
      return sentinel
    },
  }
}

export function openCluster(
  { nodes }: RedisCluster,
  major: Major = 'ioredis 6',
  options: object = {},
): Client {
  const client = major === 'ioredis 6' ? new Cluster(nodes, options) : new Cluster5(nodes, options)
  client.on('error', () => {})
  return client
}

export function openSentinel({ options }: RedisSentinel, major: Major = 'ioredis 6'): Client {
  const client = major === 'ioredis 6' ? new Redis(options) : new Redis5(options)
  client.on('error', () => {})
  return client
}

/** A client that the caches of a file share: to connect to several servers for each takes long. */
export function useClient(open: () => Client): { readonly client: Client } {
  let client: Client | undefined
  beforeAll(() => {
    client = open()
  })
  afterAll(() => {
    client?.disconnect()
  })
  return {
    get client() {
      if (client === undefined) throw new Error('The client is opened before the first test')
      return client
    },
  }
}

/** Several servers as a suite sees them; `listMasters` names those that write. */
export function siteOf(
  holder: { readonly client: Client },
  listMasters: () => Promise<readonly { host: string; port: number }[]>,
): RedisSite {
  return {
    hasManyServers: true,
    server: undefined,
    get redis() {
      return asInput(holder.client)
    },
    delete: async (name) => void (await holder.client.del(name)),
    everywhere: async (command, ...args) => {
      const masters = await listMasters()
      return await Promise.all(masters.map((master) => ask(master, command, args)))
    },
  }
}

/** Sends a command to one server; `isAsking` for a slot that it does not own yet. */
export async function ask(
  { host, port }: { host: string; port: number },
  command: string,
  args: readonly string[] = [],
  { isAsking = false } = {},
): Promise<unknown> {
  const client = new Redis({ host, port })
  client.on('error', () => {})
  try {
    if (isAsking) await client.asking()
    return await client.call(command, ...args)
  } finally {
    client.disconnect()
  }
}
