import { type RedisServer, startRedis, waitUntil } from '@hotpath/testing'
import { Redis } from 'ioredis'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createRateLimiter, formatFields, type RateLimiter } from '../src/index.ts'

let server: RedisServer
let limiter: RateLimiter | undefined

beforeEach(async () => {
  server = await startRedis({ faults: true })
})

afterEach(async () => {
  await limiter?.close()
  await server.stop()
})

async function open(onStoreError: 'local' | 'allow' | 'deny'): Promise<RateLimiter> {
  const made = createRateLimiter({ redis: server.url, limit: 4, window: '1h', onStoreError })
  limiter = made
  await waitUntil(async () => (await made.peek('probe')).decidedBy === 'redis', 'Redis is up')
  return made
}

describe('while Redis is away', () => {
  it("onStoreError 'local': this process counts, and Redis again when it is back", async () => {
    const made = await open('local')
    await server.kill()

    const away = []
    for (let n = 0; n < 6; n += 1) away.push(await made.consume('client'))
    await server.restart()
    await waitUntil(async () => (await made.peek('probe')).decidedBy === 'redis', 'Redis is back')

    expect(away.map(({ allowed }) => allowed)).toEqual([true, true, true, true, false, false])
    expect(away.every(({ decidedBy }) => decidedBy === 'local')).toBe(true)
    expect((await made.consume('client')).decidedBy).toBe('redis')
  })

  it("trap 45: onStoreError 'allow' lets on, and advertises no quota", async () => {
    const made = await open('allow')
    await server.kill()

    const decision = await made.consume('client')

    expect(decision).toMatchObject({ allowed: true, reason: 'store', decidedBy: 'none' })
    expect(formatFields('draft-10', true, decision.policies, 0)).toEqual({})
  })

  it("onStoreError 'deny' refuses, and advertises no quota", async () => {
    const made = await open('deny')
    await server.kill()

    const decision = await made.consume('client')

    expect(decision).toMatchObject({ allowed: false, reason: 'store', policies: [] })
    expect(decision.retryAfterMs).toBe(1_000)
  })

  it('a server that hangs costs the deadline, and then nothing', async () => {
    const made = await open('local')
    await server.pause()

    const decisions = []
    for (let n = 0; n < 5; n += 1) decisions.push(await made.consume('client'))
    await server.resume()

    expect(decisions.map(({ allowed }) => allowed)).toEqual([true, true, true, true, false])
  })

  it("trap 45: 'local' divides the limits by the live processes last heard of, and says so", async () => {
    const made = await open('local')
    const redis = new Redis(server.url)
    const [key = ''] = await redis.keys('*{instances}*')
    const [now] = await redis.time()
    await redis.zadd(key, Number(now) * 1_000 + 60_000, 'another:1:1')
    await waitUntil(() => made.stats().instances === 2, 'it has heard of the other')
    redis.disconnect()
    await server.kill()

    const away = []
    for (let n = 0; n < 3; n += 1) away.push(await made.consume('client'))

    expect(away.map(({ allowed }) => allowed)).toEqual([true, true, false])
    expect(away[0]?.policies).toMatchObject([{ limit: 2, remaining: 1 }])
    expect(formatFields('draft-10', false, away[0]?.policies ?? [], 0)['RateLimit-Policy']).toBe(
      '"default";q=2;w=3600',
    )
  })
})
