import { gate } from '@hotpath/testing'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { BulkLoadContext, Cache } from '../../../src/index.ts'
import type { CacheHarness } from '../../support/harness.ts'

const upperCased = (keys: readonly string[]): string[] => keys.map((key) => key.toUpperCase())

/** `getOrSetMany`: one load for what is missing, and one load a key whoever asks. */
export function describeBulk(harness: CacheHarness): void {
  let cache: Cache
  beforeEach(async () => {
    cache = await harness.open({ staleWhileRevalidate: '1h' })
  })

  describe('getOrSetMany()', () => {
    it('loads what is missing in one call, and gives all values in order', async () => {
      await cache.set('b', 'cached')
      const load = vi.fn(upperCased)

      const first = await cache.getOrSetMany(['a', 'b', 'c'], load)
      const second = await cache.getOrSetMany(['c', 'b', 'a'], load)

      expect(first).toEqual(['A', 'cached', 'C'])
      expect(second).toEqual(['C', 'cached', 'A'])
      expect(load.mock.calls.map(([missing]) => missing)).toEqual([['a', 'c']])
    })

    it('takes a Map by key, and caches that there is nothing', async () => {
      const load = vi.fn((missing: readonly string[]) => new Map([[missing[0] as string, 1]]))

      const first = await cache.getOrSetMany(['a', 'b'], load)
      const second = await cache.getOrSetMany(['a', 'b'], load)

      expect([first, second]).toEqual([
        [1, undefined],
        [1, undefined],
      ])
      expect(load).toHaveBeenCalledTimes(1)
      expect(await cache.getEntry('b')).toMatchObject({ value: undefined })
    })

    it('loads a key once that is asked for twice', async () => {
      const load = vi.fn(upperCased)

      expect(await cache.getOrSetMany(['a', 'a', 'b', 'a'], load)).toEqual(['A', 'A', 'B', 'A'])
      expect(load.mock.calls.map(([missing]) => missing)).toEqual([['a', 'b']])
    })

    it('of no keys loads nothing', async () => {
      const load = vi.fn(upperCased)

      expect(await cache.getOrSetMany([], load)).toEqual([])
      expect(load).not.toHaveBeenCalled()
    })

    it('leaves to a getOrSet() that is under way what it is loading, and the reverse', async () => {
      const single = gate<string>()
      const bulk = gate<string[]>()
      const first = cache.getOrSet('a', single.enter)
      await single.entered

      const many = cache.getOrSetMany(['a', 'b'], () => bulk.enter())
      await bulk.entered
      const second = cache.getOrSet('b', () => 'not called')
      single.open('by getOrSet')
      bulk.open(['by getOrSetMany'])

      expect(await first).toBe('by getOrSet')
      expect(await many).toEqual(['by getOrSet', 'by getOrSetMany'])
      expect(await second).toBe('by getOrSetMany')
      expect(cache.stats().loads).toBe(2)
    })

    it('shares keys among concurrent calls: each is loaded once', async () => {
      const load = vi.fn(async (missing: readonly string[]) => upperCased(missing))
      const wanted = [
        ['a', 'b', 'c'],
        ['b', 'c', 'd'],
        ['d', 'a'],
      ]

      const found = await Promise.all(wanted.map((keys) => cache.getOrSetMany(keys, load)))

      expect(found).toEqual(wanted.map(upperCased))
      const loaded = load.mock.calls.flatMap(([missing]) => missing)
      expect(loaded.toSorted()).toEqual(['a', 'b', 'c', 'd'])
    })

    it('rejects with the error of its loader, which is called once and not cached', async () => {
      const failing = vi.fn(() => Promise.reject(new Error('down')))

      await expect(cache.getOrSetMany(['a', 'b'], failing)).rejects.toThrow('down')

      expect(failing).toHaveBeenCalledTimes(1)
      expect(await cache.getOrSetMany(['a', 'b'], upperCased)).toEqual(['A', 'B'])
    })

    it.each([
      ['too few', ['A'], 'an array of 1, wanted'],
      ['nothing', undefined, 'undefined, wanted'],
    ])('refuses a loader that gives %s values, and stores none', async (_, values, message) => {
      const load = () => values as string[]

      const pending = cache.getOrSetMany(['a', 'b'], load)

      await expect(pending).rejects.toThrow(message)
      await expect(pending).rejects.toMatchObject({ code: 'ERR_CACHE_BULK_RESULT' })
      expect(await cache.getMany(['a', 'b'])).toEqual([undefined, undefined])
    })

    it('lets its loader say of each key how it is kept', async () => {
      const load = (missing: readonly string[], { of }: BulkLoadContext<string>): string[] => {
        of('a').addTags('t')
        of('b').skip()
        return upperCased(missing)
      }

      await cache.getOrSetMany(['a', 'b', 'c'], load)
      const kept = await cache.getMany(['a', 'b', 'c'])
      await cache.deleteByTag('t')

      expect(kept).toEqual(['A', undefined, 'C'])
      expect(await cache.getMany(['a', 'b', 'c'])).toEqual([undefined, undefined, 'C'])
    })

    it('serves what is stale and refreshes it behind, with what is missing', async () => {
      await cache.set('a', 'old')
      await cache.expire('a')
      const load = vi.fn(upperCased)

      const served = await cache.getOrSetMany(['a', 'b'], load)

      expect(served).toEqual(['old', 'B'])
      expect(load.mock.calls.map(([missing]) => missing)).toEqual([['a', 'b']])
      await expect.poll(() => cache.get('a')).toBe('A')
    })

    it('is defeated, key by key, by a delete() while it loads', async () => {
      const load = gate<string[]>()
      const pending = cache.getOrSetMany(['a', 'b'], () => load.enter())
      await load.entered

      await cache.delete('a')
      load.open(['A', 'B'])

      expect(await pending).toEqual(['A', 'B'])
      expect(await cache.getMany(['a', 'b'])).toEqual([undefined, 'B'])
    })

    it('aborts its loader when its only caller gives up', async () => {
      const controller = new AbortController()
      const load = gate<string[]>()
      let signal: AbortSignal | undefined
      const loader = (_: readonly string[], context: BulkLoadContext<string>) => {
        signal = context.signal
        return load.enter()
      }
      const options = { signal: controller.signal }
      const pending = cache.getOrSetMany(['a', 'b'], loader, options)
      await load.entered

      controller.abort(new Error('gone'))

      await expect(pending).rejects.toThrow('gone')
      expect(signal?.aborted).toBe(true)
      load.open(['A', 'B'])
    })

    it.each([
      ['a key that is no text', [7 as never], upperCased, 'key: found 7'],
      [
        'a loader that is no function',
        ['a'],
        undefined as never,
        'getOrSetMany: load: found undefined',
      ],
    ])('refuses %s', async (_, keys, load, message) => {
      await expect(cache.getOrSetMany(keys, load)).rejects.toThrow(message)
    })
  })
}
