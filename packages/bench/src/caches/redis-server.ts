import type { Redis } from 'ioredis'

/** How many keys Redis has been asked for and has found, so far. */
export async function countKeyspaceHits(redis: Redis): Promise<number> {
  const stats = await redis.info('stats')
  return Number(/^keyspace_hits:(\d+)/m.exec(stats)?.[1])
}
