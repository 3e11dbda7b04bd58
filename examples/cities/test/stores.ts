import { type RedisServer, startRedis } from '@hotpath/testing'

/** Where the demo keeps what its servers share. */
export interface Store {
  readonly name: string
  /** Gives a Redis, or none. */
  start(): Promise<RedisServer | undefined>
}

export const STORES: readonly Store[] = [
  { name: 'in memory', start: async () => undefined },
  { name: 'in Redis', start: () => startRedis() },
]
