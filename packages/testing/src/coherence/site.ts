import { Redis } from 'ioredis'
import type { PostgresServer } from '../postgres/postgres-server.ts'
import { startPostgres } from '../postgres/start-postgres.ts'
import { type FaultProxy, startFaultProxy } from '../proxy/fault-proxy.ts'
import type { RedisServer } from '../redis/redis-server.ts'
import { startRedis } from '../redis/start-redis.ts'
import { ALL_KEYS } from './keys.ts'
import { SourceOfTruth } from './source-of-truth.ts'

/** What a run takes place on: real servers, and a way to Redis for each process. */
export interface Site {
  readonly postgres: PostgresServer
  readonly source: SourceOfTruth
  readonly redis: RedisServer
  /** A connection straight to Redis. */
  readonly admin: Redis
  readonly proxies: readonly FaultProxy[]
  close(): Promise<void>
}

/** Starts the servers, and as many proxies as there are processes. */
export async function openSite(processes: number): Promise<Site> {
  const closers: (() => Promise<unknown> | unknown)[] = []
  const close = async (): Promise<void> => {
    for (const one of closers.reverse()) await one()
  }
  try {
    const postgres = await startPostgres()
    closers.push(() => postgres.stop())
    const source = new SourceOfTruth(postgres.url, 1)
    closers.push(() => source.close())
    await source.create(ALL_KEYS)
    const redis = await startRedis({ faults: true })
    closers.push(() => redis.stop())
    const admin = new Redis(redis.url)
    // It is killed now and then, and comes back.
    admin.on('error', () => {})
    closers.push(() => admin.disconnect())
    const { host, port } = redis
    const proxies: FaultProxy[] = []
    for (let place = 0; place < processes; place += 1) {
      const proxy = await startFaultProxy({ target: { host, port } })
      closers.push(() => proxy.close())
      proxies.push(proxy)
    }
    return { postgres, source, redis, admin, proxies, close }
  } catch (error) {
    await close()
    throw error
  }
}
