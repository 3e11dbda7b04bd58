import { createRedisLink, type RedisLink } from '@hotpath/core'
import { type RedisCluster, type RedisServer, startCluster, startRedis } from '@hotpath/testing'
import { Cluster, Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RateLimitLease } from '../src/index.ts'
import { limiterSuite } from './limiter-suite.ts'
import { useLimiters } from './support/harness.ts'

let server: RedisServer
let redis: Redis
let cluster: RedisCluster
let client: Cluster
let link: RedisLink

beforeAll(async () => {
  server = await startRedis()
  redis = new Redis(server.url)
  cluster = await startCluster()
  client = new Cluster(cluster.nodes.map(({ host, port }) => ({ host, port })))
  link = createRedisLink(client, { storeTimeout: 5_000 })
})

afterAll(async () => {
  await link.close()
  client.disconnect()
  redis.disconnect()
  await Promise.all([server.stop(), cluster.stop()])
})

limiterSuite({ name: 'in Redis', options: () => ({ redis: server.url }) })
limiterSuite({ name: 'in a Redis Cluster', options: () => ({ redis: link }) })

describe('what is in Redis', () => {
  const open = useLimiters({ name: 'in Redis', options: () => ({ redis: server.url }) })

  it('trap 39: every key has a time to live, on every path', async () => {
    await redis.flushdb()
    const limiter = open({
      policies: [
        { name: 'a', limit: 2, window: '1h', algorithm: 'fixed-window' },
        { name: 'b', limit: 2, window: '1h' },
        { name: 'c', limit: 2, window: '1h', algorithm: 'sliding-log' },
        { name: 'd', limit: 2, window: '1h', algorithm: 'token-bucket' },
        { name: 'e', limit: 2, window: '1h', algorithm: 'gcra', burst: 3 },
        { name: 'f', limit: 2, algorithm: 'concurrency' },
      ],
      ban: { after: 1, duration: '1m' },
    })
    const { lease } = await limiter.consume('consumed')
    for (let n = 0; n < 3; n += 1) await limiter.consume('refused')
    const { lease: other } = await limiter.consume('refunded')
    await limiter.refund(other as RateLimitLease)
    await limiter.release(lease as RateLimitLease)
    await limiter.penalty('penalized', 9)
    await limiter.block('blocked', '1h')
    await limiter.peek('peeked')
    await limiter.consume('often')
    await limiter.consume('often')

    const keys = await redis.keys('*')
    const ttls = await Promise.all(keys.map((key) => redis.pttl(key)))

    expect(keys.length).toBeGreaterThan(15)
    expect(ttls.filter((ttl) => ttl <= 0)).toEqual([])
  })

  it('clients are hashed', async () => {
    await redis.flushdb()
    await open({ limit: 2, window: '1h' }).consume('ann@example.org')

    const keys = await redis.keys('*')

    expect(keys.length).toBeGreaterThan(0)
    expect(keys.join()).not.toContain('ann')
  })

  it('foreign bytes under our key count as nothing', async () => {
    await redis.flushdb()
    const limiter = open({ limit: 2, window: '1h', onStoreError: 'deny' })
    await limiter.consume('client')
    const [key] = await redis.keys('*default*')
    await redis.set(key as string, '\xc1 foreign')

    const { decidedBy, policies } = await limiter.consume('client')

    expect(decidedBy).toBe('redis')
    expect(policies[0]?.remaining).toBe(1)
  })

  it.each([
    'fixed-window',
    'sliding-window',
    'sliding-log',
    'token-bucket',
    'gcra',
    'concurrency',
  ] as const)(
    '%s: a state of the wrong shape counts as nothing, and is written over',
    async (algorithm) => {
      const limiter = open({ limit: 2, window: '1h', algorithm, onStoreError: 'deny' })
      const shapes = ['1', '{1}', "{'a','b'}", '{0/0,1}', '{{1},{2}}', "{1,'x',3,4}", 'false']
      const seen = []
      for (const shape of shapes) {
        await redis.flushdb()
        const { lease } = await limiter.consume('client')
        for (const key of await redis.keys('*default*')) {
          await redis.eval(`redis.call('SET', KEYS[1], cmsgpack.pack(${shape}))`, 1, key)
        }
        await limiter.refund(lease as RateLimitLease)
        seen.push((await limiter.consume('client')).decidedBy)
      }

      const ttls = await Promise.all((await redis.keys('*default*')).map((key) => redis.pttl(key)))

      expect(seen).toEqual(shapes.map(() => 'redis'))
      expect(limiter.stats().storeErrors).toBe(0)
      expect(ttls.filter((ttl) => ttl <= 0)).toEqual([])
    },
  )

  it('trap 44: a penalty of more than Redis can count with still ends some day', async () => {
    const limiter = open({
      limit: 1,
      window: '3650d',
      algorithm: 'token-bucket',
      onStoreError: 'deny',
    })

    await limiter.penalty('client', Number.MAX_SAFE_INTEGER)
    const after = await limiter.consume('client')

    expect(after).toMatchObject({ allowed: false, reason: 'quota', decidedBy: 'redis' })
    expect(after.retryAfterMs).toBeGreaterThan(3_650 * 86_400_000)
  })

  it('ban: refusals that count towards it are told to Redis, those after it are not', async () => {
    const limiter = open({ limit: 1, window: '1h', ban: { after: 3, duration: '2h' } })

    const seen = []
    for (let n = 0; n < 6; n += 1) {
      const { reason, decidedBy } = await limiter.consume('client')
      seen.push(`${reason} by ${decidedBy}`)
    }

    expect(seen).toEqual([
      'ok by redis',
      'quota by redis',
      'quota by redis',
      'banned by redis',
      'banned by block-cache',
      'banned by block-cache',
    ])
  })

  it('blockCache: who is over the limit is refused without asking Redis', async () => {
    const limiter = open({ limit: 1, window: '1h' })
    await limiter.consume('client')
    await limiter.consume('client')
    const before = await commandsOf(redis)

    const refused = await Promise.all(Array.from({ length: 50 }, () => limiter.consume('client')))

    expect(refused.every((one) => !one.allowed && one.decidedBy === 'block-cache')).toBe(true)
    expect((await commandsOf(redis)) - before).toBe(0)
    expect(limiter.stats().refusedByBlockCache).toBe(50)
  })
})

/** How many scripts have been run. */
async function commandsOf(redis: Redis): Promise<number> {
  const text = await redis.info('commandstats')
  return Number(/cmdstat_evalsha:calls=(\d+)/.exec(text)?.[1] ?? 0)
}
