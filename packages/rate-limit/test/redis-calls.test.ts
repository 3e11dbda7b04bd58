import { type RedisServer, startRedis } from '@hotpath/testing'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RateLimitDecision, RateLimiter, RateLimitLease } from '../src/index.ts'
import { useLimiters } from './support/harness.ts'

let server: RedisServer
let redis: Redis

beforeAll(async () => {
  server = await startRedis()
  redis = new Redis(server.url)
})

afterAll(async () => {
  redis.disconnect()
  await server.stop()
})

function atOnce(
  limiter: RateLimiter,
  keys: readonly string[],
  cost = 1,
): Promise<RateLimitDecision[]> {
  return Promise.all(keys.map((key) => limiter.consume(key, { cost })))
}

async function callsOf(run: () => Promise<unknown>): Promise<number> {
  await redis.config('RESETSTAT')
  await run()
  const stats = await redis.info('commandstats')
  return Number(/cmdstat_evalsha:calls=(\d+)/.exec(stats)?.[1] ?? 0)
}

describe('decisions asked for at once', () => {
  // No heartbeat: it would be counted.
  const open = useLimiters({
    name: 'in Redis',
    options: () => ({ redis: server.url, onStoreError: 'allow' as const, blockCache: false }),
  })

  it('travel together, 16 to a call', async () => {
    const limiter = open({ limit: 5, window: '1h' })
    await limiter.consume('first')
    const clients = Array.from({ length: 32 }, (_, n) => `client-${n}`)

    expect(await callsOf(() => atOnce(limiter, clients))).toBe(2)
  })

  it.each([
    'fixed-window',
    'sliding-window',
    'sliding-log',
    'token-bucket',
    'gcra',
    'concurrency',
  ] as const)('of one client are as exact as one after another (%s)', async (algorithm) => {
    const burst = algorithm === 'gcra' ? { burst: 5 } : {}
    const limiter = open({ limit: 5, window: '1h', algorithm, ...burst })

    const decisions = await atOnce(limiter, new Array<string>(40).fill('client'))

    const allowed = decisions.map((decision) => decision.allowed)
    expect(allowed).toEqual([...new Array(5).fill(true), ...new Array(35).fill(false)])
    const left = decisions.map(({ policies }) => policies[0]?.remaining)
    expect(left).toEqual([4, 3, 2, 1, 0, ...new Array(35).fill(0)])
  })

  it('charge all policies or none, each for itself', async () => {
    const limiter = open({
      policies: [
        { name: 'few', limit: 2, window: '1h' },
        { name: 'many', limit: 100, window: '1h', algorithm: 'token-bucket' },
      ],
    })

    await atOnce(limiter, new Array<string>(10).fill('client'))

    const { policies: left } = await limiter.peek('client')
    expect(left.map(({ remaining }) => remaining)).toEqual([0, 98])
  })

  it('know of a ban that one of them has brought about', async () => {
    const limiter = open({ limit: 1, window: '1h', ban: { after: 2, duration: '1h' } })

    const decisions = await atOnce(limiter, new Array<string>(6).fill('client'))

    const reasons = decisions.map(({ reason }) => reason)
    expect(reasons).toEqual(['ok', 'quota', 'banned', 'banned', 'banned', 'banned'])
  })

  it('are not disturbed by what somebody else has put under the keys of one', async () => {
    const limiter = open({ limit: 5, window: '1h' })
    await limiter.consume('victim')
    await limiter.block('victim', '1h')
    const keys = await redis.keys('test-*')
    await Promise.all(keys.map((key) => redis.del(key).then(() => redis.rpush(key, 'a', 'list'))))

    const decisions = await atOnce(limiter, ['one', 'victim', 'other', 'victim'])

    expect(decisions.map(({ policies }) => policies[0]?.remaining)).toEqual([4, 4, 4, 3])
    expect(decisions.every(({ decidedBy }) => decidedBy === 'redis')).toBe(true)
  })

  it('end soon, however many bans somebody else has written down', async () => {
    const limiter = open({ limit: 1, window: '1h', ban: { after: 1, duration: '1h', factor: 1 } })
    await redis.flushdb()
    await limiter.block('client', '1h')
    const [key] = await redis.keys('test-*:b')
    expect(key).toBeDefined()
    // MessagePack: [0, 1e300, 0]
    const packed = Buffer.concat([
      Buffer.from([0x93, 0x00, 0xcb]),
      doubleOf(1e300),
      Buffer.from([0x00]),
    ])
    await redis.set(key as string, packed)

    const decisions = await atOnce(limiter, ['client', 'client'])

    expect(decisions.map(({ reason }) => reason)).toEqual(['ok', 'banned'])
  })
})

describe('a refusal that was on its way', () => {
  const open = useLimiters({ name: 'in Redis', options: () => ({ redis: server.url }) })

  it.each([
    ['a refund', (limiter: RateLimiter, lease: RateLimitLease) => limiter.refund(lease)],
    ['a reset', (limiter: RateLimiter) => limiter.reset('client')],
  ] as const)('while %s was made does not outlast it', async (_what, giveBack) => {
    const limiter = open({ limit: 1, window: '1h' })
    const { lease } = await limiter.consume('client')
    // As many as are sent at once, and so before what comes next.
    const refused = atOnce(limiter, new Array<string>(16).fill('client'))
    await giveBack(limiter, lease as RateLimitLease)
    expect((await refused).some(({ allowed }) => allowed)).toBe(false)

    expect((await limiter.consume('client')).allowed).toBe(true)
  })
})

function doubleOf(value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleBE(value)
  return bytes
}
