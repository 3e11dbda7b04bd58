import { collectUnhandledRejections, FakeClock, gate } from '@hotpath/testing'
import { Redis } from 'ioredis'
import { beforeEach, chai, describe, expect, it } from 'vitest'
import type { Cache, Inspection } from '../../src/index.ts'
import { type CacheDriver, untilEvent, useCaches, useRedis } from '../support/harness.ts'

const server = useRedis()

function stateOf(tier: Inspection['memory'] | Inspection['redis']): string {
  return tier.status === 'present' ? tier.state : tier.status
}

function blamed(tier: Inspection['memory'] | Inspection['redis']): string[] {
  if (tier.status !== 'present') return []
  return tier.invalidatedBy.map((one) =>
    one.kind === 'tag' ? `${one.tag} ${one.effect}` : one.kind,
  )
}

function describeInspecting(name: string, driver: CacheDriver): void {
  describe(`inspect() of ${name}`, () => {
    const { hasMemory, hasRedis } = driver
    const harness = useCaches(driver)
    let cache: Cache
    beforeEach(async () => {
      // What it writes it would hear of as well, sooner or later, and drop its copy.
      const coherence = 'none'
      cache = await harness.open({ ttl: '1h', staleWhileRevalidate: '1h', coherence })
    })

    /** What each tier is to say, in turn; `off` where there is none. */
    const expectStates = (inspection: Inspection, memory: string, redis: string): void => {
      expect([stateOf(inspection.memory), stateOf(inspection.redis)]).toEqual([
        hasMemory ? memory : 'off',
        hasRedis ? redis : 'off',
      ])
    }

    it('finds nothing of a key that is not there', async () => {
      const inspection = await cache.inspect('key')

      expectStates(inspection, 'absent', 'absent')
      expect(inspection).toMatchObject({ key: 'key', load: undefined, isBackingOff: false })
    })

    it('tells what each tier has of a key', async () => {
      await cache.getOrSet('key', () => ({ name: 'Lyon' }), { tags: ['france'] })
      await cache.get('key')

      const { memory, redis, redisKey } = await cache.inspect('key')

      if (hasMemory) {
        expect(memory).toMatchObject({
          status: 'present',
          state: 'fresh',
          isVouchedFor: true,
          tags: ['france'],
          invalidatedBy: [],
        })
      }
      if (!hasRedis) return
      expect(redisKey).toMatch(/:\{key\}:v$/)
      expect(redis).toMatchObject({
        status: 'present',
        state: 'fresh',
        version: 1,
        kind: 'json',
        compression: 'none',
        tags: ['france'],
        invalidatedBy: [],
        lease: undefined,
      })
    })

    it('changes nothing and counts as nothing', async () => {
      await cache.set('key', 1)
      const before = cache.stats()
      const heard: string[] = []
      cache.on('hit', ({ key }) => heard.push(key))
      cache.on('miss', ({ key }) => heard.push(key))

      await cache.inspect('key')
      await cache.inspect('other')

      expect(cache.stats()).toEqual(before)
      expect(heard).toEqual([])
    })

    it('calls an expired key stale', async () => {
      await cache.getOrSet('key', () => 1)
      await cache.get('key')

      await cache.expire('key')

      const { memory, redis } = await cache.inspect('key')
      expect(hasRedis ? stateOf(redis) : stateOf(memory)).toBe('stale')
    })

    it('names the tag that was deleted', async () => {
      await cache.getOrSet('key', () => 1, { tags: ['a', 'b'] })

      await cache.deleteByTag('b')

      const inspection = await cache.inspect('key')
      expectStates(inspection, hasRedis ? 'unknown' : 'invalid', 'invalid')
      if (hasMemory)
        expect(blamed(inspection.memory)).toContain(hasRedis ? 'b no-record' : 'b deleted')
      if (hasRedis) expect(blamed(inspection.redis)).toEqual(['b no-record'])
    })

    it('names the tag that was expired', async () => {
      await cache.getOrSet('key', () => 1, { tags: ['a', 'b'] })

      await cache.expireByTag('a')

      const inspection = await cache.inspect('key')
      if (hasRedis) {
        expect(stateOf(inspection.redis)).toBe('stale')
        expect(blamed(inspection.redis)).toEqual(['a expired'])
      } else {
        expect(stateOf(inspection.memory)).toBe('stale')
        expect(blamed(inspection.memory)).toEqual(['a expired'])
      }
    })

    it('tells that its namespace was cleared', async () => {
      const inner = cache.namespace('users')
      await inner.getOrSet('key', () => 1)

      await inner.clear()

      const inspection = await inner.inspect('key')
      expect(inspection.namespace).toMatch(/\/users$/)
      expectStates(inspection, hasRedis ? 'unknown' : 'invalid', 'invalid')
      expect(blamed(hasRedis ? inspection.redis : inspection.memory)).toEqual(['clear'])
    })

    it('tells of a load under way, who waits for it, and its lease', async () => {
      const loader = gate<number>()
      const waiting = [cache.getOrSet('key', loader.enter)]
      await loader.entered
      waiting.push(
        cache.getOrSet('key', () => 2),
        cache.getOrSet('key', () => 3),
      )

      const { load, redis } = await cache.inspect('key')

      expect(load).toMatchObject({ waiters: 3, isBackground: false })
      if (hasRedis) {
        expect(redis).toMatchObject({ status: 'absent', lease: { isOurs: true } })
      }
      loader.open(1)
      await Promise.all(waiting)
      expect(await cache.inspect('key')).toMatchObject({ load: undefined })
    })

    it('looks at what a definition has of an id', async () => {
      const city = cache.define('city', { key: String, load: async (id: number) => ({ id }) })
      await city.get(7)

      const inspection = await city.inspect(7)

      expectStates(inspection, 'fresh', 'fresh')
      expect(inspection.key).toBe('city:7')
    })

    it('refuses what is no key', async () => {
      await expect(cache.inspect('')).rejects.toMatchObject({ code: 'ERR_OPTION_INVALID' })
    })

    it('leaves no rejection behind when a printer of objects calls it', async () => {
      const city = cache.define('city', { key: ({ id }: { id: string }) => id, load: () => 1 })
      const rejections = collectUnhandledRejections()

      const printed = chai.util.inspect({ cache, city })

      expect(await rejections.stop()).toEqual([])
      expect(printed).toContain('cache')
    })

    it('gives plain data', async () => {
      await cache.set('key', 1, { tags: ['a'] })

      const inspection = await cache.inspect('key')

      expect(structuredClone(inspection)).toEqual(inspection)
    })
  })
}

describeInspecting('a cache in memory', {
  hasMemory: true,
  hasRedis: false,
  connect: () => ({ options: {} }),
})

describeInspecting('a cache on Redis and in memory', {
  hasMemory: true,
  hasRedis: true,
  connect: () => ({ options: { redis: server.server.url } }),
})

describeInspecting('a cache on Redis alone', {
  hasMemory: false,
  hasRedis: true,
  connect: () => ({ options: { redis: server.server.url, memory: false } }),
})

describe('inspect() with Redis', () => {
  const harness = useCaches({
    hasMemory: true,
    hasRedis: true,
    connect: () => ({ options: { redis: server.server.url } }),
  })

  it('tells a lease of another process from one of its own', async () => {
    const [one, other] = [await harness.open(), await harness.open()]
    const loader = gate<number>()
    const value = one.getOrSet('key', loader.enter)
    await loader.entered

    const [here, there] = [await one.inspect('key'), await other.inspect('key')]

    expect(here.redis).toMatchObject({ lease: { isOurs: true } })
    expect(there.redis).toMatchObject({ lease: { isOurs: false } })
    expect(there.load).toBeUndefined()
    loader.open(1)
    await value
  })

  it('shows no token by which somebody could store something', async () => {
    const cache = await harness.open()
    const client = new Redis(server.server.url)
    const loader = gate<number>()
    const value = cache.getOrSet('key', loader.enter)
    await loader.entered

    const { redis, redisKey } = await cache.inspect('key')
    const token = await client.get(String(redisKey).replace(/v$/, 'l'))

    client.disconnect()
    expect(JSON.stringify(redis)).not.toContain(token)
    loader.open(1)
    await value
  })

  it('tells whether memory can vouch for its copy', async () => {
    const clock = new FakeClock()
    const cache = harness.openUnready({ clock, redis: 'redis://127.0.0.1:1', coherenceGrace: '1s' })
    await untilEvent(cache, 'state')
    await cache.set('key', 1)

    const within = await cache.inspect('key')
    clock.advance(1_001)
    const after = await cache.inspect('key')

    expect(within.memory).toMatchObject({ state: 'fresh', isVouchedFor: false })
    expect(after.memory).toMatchObject({ state: 'unvouched', isVouchedFor: false })
  })

  it('calls bytes unreadable that are no entry', async () => {
    const cache = await harness.open()
    const client = new Redis(server.server.url)
    const { redisKey } = await cache.inspect('key')
    await client.set(String(redisKey), 'somebody else was here', 'PX', 60_000)
    client.disconnect()

    const { redis } = await cache.inspect('key')

    expect(redis).toMatchObject({ status: 'unreadable', because: 'Not an entry', bytes: 22 })
  })

  it('tells how an entry was compressed', async () => {
    const cache = await harness.open({ compression: { algorithm: 'gzip' } })
    await cache.set('key', 'x'.repeat(10_000))

    const { redis } = await cache.inspect('key')

    expect(redis).toMatchObject({ compression: 'gzip', kind: 'json' })
  })

  it('never fails for a Redis that is not there', async () => {
    const cache = harness.openUnready({ redis: 'redis://127.0.0.1:1' })
    await untilEvent(cache, 'state')
    await cache.set('key', 1)

    const inspection = await cache.inspect('key')

    expect(inspection.redis).toEqual({ status: 'unavailable' })
    expect(stateOf(inspection.memory)).toBe('fresh')
  })
})

describe('inspect() of memory', () => {
  const harness = useCaches({ hasMemory: true, hasRedis: false, connect: () => ({ options: {} }) })

  it('does not keep an entry from being the next to leave', async () => {
    const cache = await harness.open({ memory: { maxEntries: 2 } })
    await cache.set('oldest', 1)
    await cache.set('newer', 2)

    await cache.inspect('oldest')
    await cache.set('newest', 3)

    expect(cache.peek('oldest')).toBeUndefined()
    expect(cache.peek('newer')).toBe(2)
  })
})
