import { createRequire } from 'node:module'
import type { Cluster, Redis, RedisOptions } from 'ioredis'
import { describeFound, HotpathError, invalidOption } from '../base/errors.ts'
import type { Random } from '../base/random.ts'
import { readClusterView } from './cluster-view.ts'
import type { Subscribers } from './types.ts'

/** Either kind of ioredis client. */
export type Client = Redis | Cluster

const WANTED =
  'a URL such as "redis://localhost:6379" (or rediss:), ioredis options, an ioredis client or a RedisLink'

/** A client for a URL or options, or the user's own as it is. */
export function openClient(
  input: string | RedisOptions | Client,
  random: Random,
): { client: Client; isOurs: boolean } {
  if (isClient(input)) return { client: checkNumbers(checkReads(input)), isOurs: false }
  if (typeof input === 'string') checkUrl(input)
  else if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    throw invalidOption('redis', input, WANTED)
  }
  const { Redis } = loadIoredis()
  const options = ownOptions(random)
  // The cast: ioredis declares its options without exactOptionalPropertyTypes in mind.
  type Constructor = new (...args: [string, object] | [object]) => Redis
  const Client = Redis as Constructor
  const client =
    typeof input === 'string'
      ? new Client(input, options)
      : new Client({ ...options, ...input, stringNumbers: false })
  return { client, isOurs: true }
}

/**
 * Further connections for subscriptions, not open yet: one to each server that writes, the one
 * master or all of a Cluster's, or `toAll` being false to any one. In RESP2, for ioredis drops
 * RESP3's `invalidate` frames. They do not reconnect: who subscribes must know that something may
 * have been missed.
 */
export async function openSubscribers(client: Client, toAll: boolean): Promise<Subscribers> {
  if (isCluster(client) && toAll) {
    const view = await readClusterView(client)
    return { connections: view.duplicate(subscriberOptions(false)), masters: view.masters }
  }
  const servers = isCluster(client) ? client.nodes('master').slice(0, 1) : [client]
  const options = subscriberOptions(hasSentinels(client))
  return { connections: servers.map((server) => server.duplicate(options)), masters: '' }
}

/** Which servers write, as {@link openSubscribers} names them. */
export async function readMasters(client: Client): Promise<string> {
  return isCluster(client) ? (await readClusterView(client)).masters : ''
}

function subscriberOptions(isWatched: boolean): object {
  return {
    protocol: 2,
    keyPrefix: '',
    lazyConnect: true,
    enableOfflineQueue: false,
    // A Sentinel may still name a master that has become a replica.
    enableReadyCheck: isWatched,
    autoResubscribe: false,
    enableAutoPipelining: false,
    maxRetriesPerRequest: 0,
    retryStrategy: null,
    sentinelRetryStrategy: null,
  }
}

function hasSentinels(client: Client): boolean {
  return !isCluster(client) && Boolean(client.options.sentinels)
}

export function isCluster(client: Client): client is Cluster {
  return client.isCluster
}

/** Structural, so that a client of another copy or major of ioredis is one too. */
function isClient(input: unknown): input is Client {
  const candidate = input as Partial<Redis> | null
  return (
    typeof candidate === 'object' &&
    candidate !== null &&
    typeof candidate.duplicate === 'function' &&
    typeof candidate.status === 'string'
  )
}

/** Replicas lag behind: who reads from them is served what has been invalidated. */
function checkReads(client: Client): Client {
  if (!isCluster(client) || (client.options.scaleReads ?? 'master') === 'master') return client
  throw invalidOption(
    'redis',
    `a Cluster with scaleReads: ${String(client.options.scaleReads)}`,
    "one with scaleReads: 'master', for replicas lag behind what has been invalidated",
  )
}

/** Scripts reply numbers, which mean something else as text. */
function checkNumbers(client: Client): Client {
  const { stringNumbers } = isCluster(client) ? (client.options.redisOptions ?? {}) : client.options
  if (stringNumbers !== true) return client
  throw invalidOption('redis', 'a client with stringNumbers: true', 'one without stringNumbers')
}

function checkUrl(text: string): void {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase()
  if (scheme === 'redis' || scheme === 'rediss') {
    if (URL.canParse(text)) return
  }
  throw invalidOption('redis', withoutPassword(text), WANTED)
}

function withoutPassword(text: string): string {
  return text.replace(/^([a-z][a-z0-9+.-]*:\/{0,2})?.*@/is, '$1***@')
}

function ownOptions(random: Random): object {
  return {
    // See `WriteBatches`.
    enableAutoPipelining: false,
    // Nothing is parked while Redis is away, and nothing is sent twice when it comes back.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    connectTimeout: 2_000,
    // A master that has become a replica keeps its connections, in vain: its address, or the
    // Sentinels, lead to its successor.
    reconnectOnError: ({ message }: Error) => /^READONLY|-READONLY/.test(message),
    retryStrategy: (attempt: number) =>
      Math.min(50 * 2 ** attempt, 1_000) * (0.5 + random.next() / 2),
  }
}

function loadIoredis(): typeof import('ioredis') {
  try {
    return createRequire(import.meta.url)('ioredis')
  } catch (cause) {
    throw new HotpathError(
      'ERR_REDIS_CLIENT_MISSING',
      `redis: found ${describeFound('redis')} in the options but the package ioredis cannot be loaded; install it (npm install ioredis) or leave redis out for memory only`,
      { cause },
    )
  }
}
