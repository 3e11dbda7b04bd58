import { randomBytes } from 'node:crypto'
import { waitUntil } from '@hotpath/testing'
import { Redis } from 'ioredis'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { type Cache, type CacheOptions, createCache } from '../../src/index.ts'
import { PATIENT, untilReady, useRedis } from '../support/harness.ts'

const redis = useRedis()
let namespace = ''

beforeEach(() => {
  namespace = `test-${randomBytes(6).toString('hex')}`
})

async function open(options: CacheOptions = {}): Promise<Cache> {
  const cache = createCache({
    redis: redis.server.url,
    namespace,
    storeTimeout: PATIENT,
    ...options,
  })
  onTestFinished(() => cache.close())
  await untilReady(cache, options.memory !== false)
  return cache
}

/** How many commands read from Redis while `act` runs. */
async function readsDuring(act: () => Promise<unknown>): Promise<number> {
  const client = new Redis(redis.server.url)
  onTestFinished(() => client.disconnect())
  await client.config('RESETSTAT')
  await act()
  const stats = await client.info('commandstats')
  return Number(/cmdstat_mget:calls=(\d+)/.exec(stats)?.[1] ?? 0)
}

describe('A hit in Redis on what carries tags', () => {
  it('costs one command while no tag at all has been invalidated since it was stored', async () => {
    const cache = await open({ memory: false })
    await cache.set('key', 'v', { tags: ['t', 'u'] })

    expect(await readsDuring(async () => expect(await cache.get('key')).toBe('v'))).toBe(1)
  })

  it('costs a second one for its tags after that, and is no hit if one of them was deleted', async () => {
    const cache = await open({ memory: false })
    await cache.set('key', 'v', { tags: ['t', 'u'] })
    await cache.deleteByTag('another')

    expect(await readsDuring(async () => expect(await cache.get('key')).toBe('v'))).toBe(2)
    await cache.deleteByTag('u')
    expect(await cache.get('key')).toBeUndefined()
  })

  it('costs many who ask at once one command', async () => {
    const cache = await open({ memory: false })
    const keys = Array.from({ length: 20 }, (_, index) => `key-${index}`)
    for (const key of keys) await cache.set(key, key, { tags: ['t'] })

    const reads = await readsDuring(async () => {
      expect(await Promise.all(keys.map((key) => cache.get(key)))).toEqual(keys)
    })

    expect(reads).toBe(1)
  })

  it('stays in memory, and leaves it when the tag is deleted elsewhere', async () => {
    const [here, there] = [await open(), await open({ memory: false })]
    await there.set('key', 'v', { tags: ['t'] })
    await waitUntil(async () => {
      await here.get('key')
      return here.peek('key') === 'v'
    }, 'the value is in memory')

    await there.deleteByTag('t')
    await waitUntil(() => here.peek('key') === undefined, 'memory has heard of it')

    expect(await here.get('key')).toBeUndefined()
  })

  it('is found in memory again after a tag that it does not carry was deleted', async () => {
    const [here, there] = [await open(), await open({ memory: false })]
    await there.set('key', 'v', { tags: ['t'] })
    await here.get('key')

    await there.deleteByTag('another')

    await waitUntil(async () => {
      await here.get('key')
      return here.peek('key') === 'v'
    }, 'the value is in memory')
  })
})
