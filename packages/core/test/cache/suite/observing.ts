import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { gate, waitUntil } from '@hotpath/testing'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Cache, CacheEvents } from '../../../src/index.ts'
import type { CacheHarness } from '../../support/harness.ts'

/** `stats`, `health`, `on` and `close`. */
export function describeObserving(harness: CacheHarness): void {
  const { hasMemory, hasRedis } = harness.driver
  let cache: Cache
  beforeEach(async () => {
    cache = await harness.open()
  })

  describe('stats()', () => {
    it('counts what was asked, loaded, written and deleted', async () => {
      const fail = () => Promise.reject(new Error('down'))

      await cache.get('a')
      await cache.getOrSet('a', () => 1)
      await cache.getOrSet('a', () => 1)
      await cache.getOrSet('b', fail).catch(() => {})
      await cache.set('c', 1)
      await cache.delete('c', 'd')
      const stats = cache.stats()

      expect(stats).toMatchObject({
        misses: 3,
        loads: 2,
        loadErrors: 1,
        sets: 1,
        deletes: 2,
        refusedFills: 0,
        storeErrors: 0,
        staleHits: 0,
      })
      expect(stats.memoryHits + stats.redisHits).toBe(1)
    })

    it('counts invalidations by their kind', async () => {
      await cache.delete('a', 'b')
      await cache.expire('a', 'b', 'c')
      await cache.deleteByTag('t')
      await cache.expireByTag('t', 'u')
      await cache.clear()

      expect(cache.stats()).toMatchObject({
        deletes: 2,
        expires: 3,
        tagDeletes: 1,
        tagExpires: 2,
        clears: 1,
      })
    })

    it('counts those who wait for a load that somebody else has begun', async () => {
      const loader = gate<number>()
      const first = cache.getOrSet('key', loader.enter)
      await loader.entered

      const others = [cache.getOrSet('key', () => 2), cache.getOrSetEntry('key', () => 3)]
      loader.open(1)
      await Promise.all([first, ...others])

      expect(cache.stats()).toMatchObject({ misses: 1, coalesced: 2, loads: 1 })
    })

    if (hasMemory) {
      it('counts a hit for each look at memory that finds something', async () => {
        await cache.getOrSet('key', () => 'v')
        await waitUntil(async () => {
          await cache.get('key')
          return cache.peek('key') !== undefined
        }, 'the value is in memory')
        const before = cache.stats()
        const heard: unknown[] = []
        cache.on('hit', (detail) => heard.push(detail))

        cache.peek('key')
        cache.peekEntry('key')
        cache.peek('other')
        cache.peekEntry('other')

        const { memoryHits, misses } = cache.stats()
        expect(memoryHits - before.memoryHits).toBe(2)
        expect(misses).toBe(before.misses)
        expect(heard).toEqual(Array(2).fill({ key: 'key', tier: 'memory', stale: false }))
      })
    }

    if (hasMemory) {
      it('tells how much memory holds', async () => {
        await cache.set('a', 'x'.repeat(1_000))
        await waitUntil(async () => {
          await cache.get('a')
          return cache.peek('a') !== undefined
        }, 'the value is in memory')

        const { memoryEntries, memoryBytes } = cache.stats()

        expect(memoryEntries).toBe(1)
        expect(memoryBytes).toBeGreaterThan(1_000)
        expect(memoryBytes).toBeLessThan(3_000)
      })
    }

    it('counts and tells of a fill that an invalidation has overtaken', async () => {
      const refused: string[] = []
      cache.on('refused', ({ key }) => refused.push(key))

      await cache.getOrSet('key', async () => {
        await cache.delete('key')
        return 'old'
      })

      expect(cache.stats().refusedFills).toBe(1)
      expect(refused).toEqual(['key'])
    })
  })

  describe('health()', () => {
    it('says that all is well', () => {
      expect(cache.health()).toEqual({
        status: 'ok',
        redis: hasRedis ? 'up' : 'absent',
        breaker: hasRedis ? 'closed' : 'absent',
        coherence: hasRedis && hasMemory ? 'armed' : 'off',
        queuedInvalidations: 0,
        loads: { underWay: 0, waitingForLease: 0, heldBack: 0 },
        memory: { entries: 0, bytes: 0 },
      })
    })

    it('says how many keys are being loaded', async () => {
      const loader = gate<number>()
      const value = cache.getOrSet('key', loader.enter)
      await loader.entered

      const { loads } = cache.health()

      expect(loads).toEqual({ underWay: 1, waitingForLease: 0, heldBack: 0 })
      loader.open(1)
      await value
      expect(cache.health().loads.underWay).toBe(0)
    })
  })

  describe('on()', () => {
    it('tells what happens, until it is stopped', async () => {
      const heard: string[] = []
      const names: (keyof CacheEvents)[] = ['hit', 'miss', 'load', 'loadError', 'invalidated']
      const stops = names.map((name) => cache.on(name, () => heard.push(name)))

      await cache.getOrSet('a', () => 1)
      await cache.getOrSet('a', () => 1)
      await cache.getOrSet('b', () => Promise.reject(new Error('down'))).catch(() => {})
      await cache.delete('a')
      for (const stop of stops) stop()
      await cache.get('a')

      expect(heard).toEqual(['miss', 'load', 'hit', 'miss', 'loadError', 'invalidated'])
    })

    it('publishes the same on diagnostics channels, with the namespace beside it', async () => {
      const messages: unknown[] = []
      const names = ['miss', 'load', 'loadError', 'invalidated']
      const hear = (message: unknown, channel: string | symbol) => messages.push([channel, message])
      for (const name of names) subscribe(`hotpath:cache:${name}`, hear)

      await cache.get('a')
      await cache.delete('a')
      for (const name of names) unsubscribe(`hotpath:cache:${name}`, hear)
      await cache.get('a')

      const namespace = expect.stringMatching(/^test-/)
      expect(messages).toEqual([
        ['hotpath:cache:miss', { namespace, key: 'a' }],
        ['hotpath:cache:invalidated', { namespace, keys: ['a'], tags: [], cleared: false }],
      ])
    })

    it('carries the details', async () => {
      const details: unknown[] = []
      cache.on('loadError', (detail) => details.push(detail))
      cache.on('invalidated', (detail) => details.push(detail))
      const error = new Error('down')

      await cache.getOrSet('a', () => Promise.reject(error)).catch(() => {})
      await cache.delete('a', 'b')
      await cache.deleteByTag('t')
      await cache.clear()

      expect(details).toEqual([
        { key: 'a', error, background: false },
        { keys: ['a', 'b'], tags: [], cleared: false },
        { keys: [], tags: ['t'], cleared: false },
        { keys: [], tags: [], cleared: true },
      ])
    })
  })

  describe('close()', () => {
    it('sends later calls to their loaders, and none of them fails', async () => {
      await cache.set('key', 'old')

      await cache.close()
      await cache.close()

      expect(await cache.getOrSet('key', () => 'loaded')).toBe('loaded')
      expect(await cache.get('key')).toBeUndefined()
      expect(await cache.has('key')).toBe(false)
      await cache.set('key', 'v')
      await cache.delete('key')
      await cache.clear()
      expect(cache.stats()).toMatchObject({ memoryEntries: 0, memoryBytes: 0 })
    })

    it('lets a load that is under way answer', async () => {
      const value = cache.getOrSet('key', async () => {
        await cache.close()
        return 'v'
      })

      expect(await value).toBe('v')
    })
  })
}
