import { waitUntil } from '@hotpath/testing'
import { describe, expect, it } from 'vitest'
import type { CacheHarness } from '../../support/harness.ts'

/** `get` and its kin. */
export function describeReading(harness: CacheHarness): void {
  describe('getMany() and setMany()', () => {
    it('answer in the order of the keys, undefined for each miss', async () => {
      const cache = await harness.open()
      await cache.setMany([
        ['a', 1],
        ['b', 0],
      ])

      expect(await cache.getMany(['b', 'none', 'a', 'b'])).toEqual([0, undefined, 1, 0])
      expect(await cache.getMany([])).toEqual([])
    })

    it('take a Map, and options for all of it', async () => {
      const cache = await harness.open()

      await cache.setMany(new Map([['a', 1]]), { tags: ['t'] })
      const before = await cache.get('a')
      await cache.deleteByTag('t')

      expect([before, await cache.get('a')]).toEqual([1, undefined])
    })

    it('carry more keys than one batch', async () => {
      const cache = await harness.open()
      const keys = Array.from({ length: 257 }, (_, index) => `key-${index}`)

      await cache.setMany(keys.map((key, index) => [key, index]))

      expect(await cache.getMany(keys)).toEqual(keys.map((_, index) => index))
    })

    it('leave the arrays they are given as they are', async () => {
      const cache = await harness.open()
      const entries = Object.freeze([Object.freeze(['a', 1] as const)])
      const keys = Object.freeze(['a'])

      await cache.setMany(entries)

      expect(await cache.getMany(keys)).toEqual([1])
    })
  })

  describe('getEntry()', () => {
    it('tells when it was made, how long it may be used, its tags and its tier', async () => {
      const cache = await harness.open()
      const startMs = Date.now()
      const lifetime = { ttl: '1m', staleWhileRevalidate: '10s', staleIfError: '1h' } as const

      await cache.set('key', 'v', { ...lifetime, tags: ['s', 't'] })
      const entry = await cache.getEntry('key')

      const createdAtMs = entry?.createdAtMs ?? 0
      expect(createdAtMs).toBeGreaterThan(startMs - 1_000)
      expect(createdAtMs).toBeLessThan(Date.now() + 1_000)
      expect(entry).toEqual({
        value: 'v',
        createdAtMs,
        freshUntilMs: createdAtMs + 60_000,
        revalidateUntilMs: createdAtMs + 70_000,
        usableOnErrorUntilMs: createdAtMs + 3_660_000,
        tags: ['s', 't'],
        loadMs: 0,
        tier: expect.stringMatching(/^(memory|redis)$/),
      })
    })

    it('does not see an entry that is stale', async () => {
      const cache = await harness.open()
      await cache.set('key', 'v', { staleWhileRevalidate: '1h', staleIfError: '1h' })

      await cache.expire('key')

      expect(await cache.getEntry('key')).toBeUndefined()
      expect(await cache.get('key')).toBeUndefined()
      expect(await cache.getMany(['key'])).toEqual([undefined])
      expect(await cache.has('key')).toBe(false)
      expect(cache.peek('key')).toBeUndefined()
    })
  })

  describe('peek() and peekEntry()', () => {
    if (harness.driver.hasMemory) {
      it('answer at once from memory', async () => {
        const cache = await harness.open()
        await cache.set('key', 'v', { tags: ['t'] })

        await waitUntil(async () => {
          await cache.get('key')
          return cache.peek('key') === 'v'
        }, 'the value has come back into memory')

        expect(cache.peekEntry('key')).toMatchObject({ value: 'v', tags: ['t'] })
      })
    }

    if (!harness.driver.hasMemory) {
      it('find nothing where there is no memory', async () => {
        const cache = await harness.open()

        await cache.set('key', 'v')
        await cache.get('key')

        expect([cache.peek('key'), cache.peekEntry('key')]).toEqual([undefined, undefined])
      })
    }
  })
}
