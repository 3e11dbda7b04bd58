import { Redis } from 'ioredis'
import { Redis as Redis5 } from 'ioredis5'
import { useRedis } from '../support/harness.ts'
import { describeCache } from './cache-suite.ts'

const redis = useRedis()

describeCache('A cache in memory', {
  hasMemory: true,
  hasRedis: false,
  connect: () => ({ options: {} }),
})

describeCache('A cache on Redis and in memory', {
  hasMemory: true,
  hasRedis: true,
  connect: () => ({ options: { redis: redis.server.url } }),
})

describeCache('A cache on Redis and in memory that follows by pub/sub', {
  hasMemory: true,
  hasRedis: true,
  connect: () => ({ options: { redis: redis.server.url, coherence: 'pubsub' } }),
})

describeCache('A cache on Redis alone', {
  hasMemory: false,
  hasRedis: true,
  connect: () => ({ options: { redis: redis.server.url, memory: false } }),
})

describeCache('A cache on Redis alone that compresses whatever shrinks', {
  hasMemory: false,
  hasRedis: true,
  connect: () => ({
    options: { redis: redis.server.url, memory: false, compression: { threshold: 0 } },
  }),
})

describeCache('A cache on a user’s own client, which puts a prefix before every key', {
  hasMemory: true,
  hasRedis: true,
  connect: () => {
    const client = new Redis(redis.server.url, { keyPrefix: 'app:{x}:' })
    return { options: { redis: client }, disconnect: () => client.disconnect() }
  },
})

describeCache('A cache on a client of ioredis 5', {
  hasMemory: true,
  hasRedis: true,
  connect: () => {
    const client = new Redis5(redis.server.url)
    // The cast: its types are those of another major.
    return { options: { redis: client as never }, disconnect: () => client.disconnect() }
  },
})

describeCache('A cache on Redis without auto-pipelining', {
  hasMemory: true,
  hasRedis: true,
  connect: () => {
    const { host, port } = redis.server
    return { options: { redis: { host, port, enableAutoPipelining: false } } }
  },
})
