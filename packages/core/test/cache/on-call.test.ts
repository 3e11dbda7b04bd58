import { gate, waitUntil } from '@hotpath/testing'
import { Redis } from 'ioredis'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createRedisLink } from '../../src/index.ts'
import { GatedLink, isRead, named } from '../support/gated-link.ts'
import { untilEvent, useCaches, useRedis } from '../support/harness.ts'

const redis = useRedis()
const harness = useCaches({
  hasMemory: true,
  hasRedis: true,
  connect: () => ({ options: { redis: redis.server.url } }),
})
const AWAY = 'redis://127.0.0.1:1'

describe('health() in trouble', () => {
  it('says that Redis is away, and what waits for it', async () => {
    const cache = harness.openUnready({ redis: AWAY })
    await untilEvent(cache, 'state')
    await cache.delete('a', 'b')

    const health = cache.health()

    expect(health).toMatchObject({
      status: 'degraded',
      redis: 'down',
      breaker: 'open',
      coherence: 'lost',
      queuedInvalidations: 2,
    })
  })

  it('tells a Redis that has not answered yet from one that was given up', () => {
    const cache = harness.openUnready({ redis: AWAY })

    const { redis: state, breaker } = cache.health()

    expect({ state, breaker }).toEqual({ state: 'down', breaker: 'closed' })
  })

  it.each([
    ['nobody is to be followed', { coherence: 'none' }],
    ['there is no memory to follow with', { memory: false }],
  ] as const)('calls coherence off where %s', async (_, options) => {
    const cache = harness.openUnready(options)
    await untilEvent(cache, 'state')

    expect(cache.health().coherence).toBe('off')
  })

  it('says how many loads wait for another process, and stats() how many did', async () => {
    const [one, other] = [await harness.open(), await harness.open()]
    const loader = gate<string>()
    const first = one.getOrSet('key', loader.enter)
    await loader.entered

    const second = other.getOrSet('key', () => 'again')
    await waitUntil(() => other.health().loads.waitingForLease === 1, 'the other waits')
    loader.open('v')

    expect(await Promise.all([first, second])).toEqual(['v', 'v'])
    expect(other.stats()).toMatchObject({ leaseWaits: 1, loads: 0 })
    expect(one.stats()).toMatchObject({ leaseWaits: 0, loads: 1 })
    expect(other.health().loads.waitingForLease).toBe(0)
  })
})

describe('stats() in trouble', () => {
  it('counts failed commands by what they were for', async () => {
    const link = new GatedLink(createRedisLink(redis.server.url))
    const cache = await harness.open({ redis: link, coherence: 'none' })
    link.loseRequest(isRead)
    link.loseRequest(named('fill'))

    await cache.get('a')
    await cache.set('b', 1)

    const { storeErrors, storeErrorsByOperation } = cache.stats()
    expect(storeErrors).toBe(2)
    expect(storeErrorsByOperation).toMatchObject({ get: 1, set: 1, lease: 0, invalidate: 0 })
    await link.close()
  })

  it('counts entries that cannot be read, and values that no longer fit', async () => {
    const cache = await harness.open({ coherence: 'none', memory: false })
    const client = new Redis(redis.server.url)
    const { redisKey } = await cache.inspect('key')
    await client.set(String(redisKey), 'somebody else was here')
    client.disconnect()
    const options = { key: String, load: () => 'text' }
    await cache.define('id', options).get(7)

    await cache.get('key')
    await cache.define('id', { ...options, value: z.number(), load: () => 1 }).get(7)

    expect(cache.stats()).toMatchObject({ corrupted: 1, rejected: 1 })
  })
})
