import { gate, waitUntil } from '@hotpath/testing'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Cache, Invalidated, LoadContext } from '../../../src/index.ts'
import type { CacheHarness } from '../../support/harness.ts'

/** `delete`, `expire`, tags and `clear`, and that they win over whatever is under way. */
export function describeInvalidation(harness: CacheHarness): void {
  const applied = harness.driver.hasRedis ? 'everywhere' : 'local'
  let cache: Cache
  beforeEach(async () => {
    cache = await harness.open({ staleWhileRevalidate: '1h', staleIfError: '1h' })
  })

  describe('delete()', () => {
    it('removes the keys it is given and no other', async () => {
      await cache.setMany([
        ['a', 1],
        ['b', 2],
        ['c', 3],
      ])

      const answer = await cache.delete('a', 'b', 'none')

      expect(answer).toEqual({ applied })
      expect(await cache.getMany(['a', 'b', 'c'])).toEqual([undefined, undefined, 3])
    })

    it('of nothing is fine', async () => {
      expect(await cache.delete()).toEqual({ applied })
    })

    it('leaves no stale copy for when the loader fails', async () => {
      await cache.set('key', 'v')
      await cache.expire('key')

      await cache.delete('key')

      const pending = cache.getOrSet('key', () => Promise.reject(new Error('down')))
      await expect(pending).rejects.toThrow('down')
    })
  })

  describe('expire()', () => {
    it('makes keys stale: served at once, refreshed behind', async () => {
      await cache.set('key', 'old')

      const answer = await cache.expire('key')
      const served = await cache.getOrSet('key', () => 'new')

      expect(answer).toEqual({ applied })
      expect(served).toBe('old')
      await waitUntil(async () => (await cache.get('key')) === 'new', 'the refresh has been stored')
    })

    it('makes keys stale: served when the loader fails', async () => {
      const lifetime = { staleWhileRevalidate: 0, staleIfError: '1h' } as const
      await cache.set('key', 'old', lifetime)
      await cache.expire('key')

      const fail = () => Promise.reject(new Error('down'))

      expect(await cache.getOrSet('key', fail, lifetime)).toBe('old')
    })

    it('removes what has no stale window', async () => {
      await cache.set('key', 'old', { staleWhileRevalidate: 0, staleIfError: 0 })

      await cache.expire('key')

      expect(await cache.getOrSet('key', () => 'new')).toBe('new')
    })
  })

  describe('deleteByTag() and expireByTag()', () => {
    it('remove every entry that carries any of the tags', async () => {
      await cache.set('a', 1, { tags: ['s'] })
      await cache.set('b', 2, { tags: ['s', 't'] })
      await cache.set('c', 3, { tags: ['u'] })
      await cache.set('d', 4)

      const answer = await cache.deleteByTag('s', 't', 'none')

      expect(answer).toEqual({ applied })
      expect(await cache.getMany(['a', 'b', 'c', 'd'])).toEqual([undefined, undefined, 3, 4])
      expect([await cache.has('a'), await cache.has('c')]).toEqual([false, true])
    })

    it('let what is written afterwards live', async () => {
      await cache.set('key', 'old', { tags: ['t'] })
      await cache.deleteByTag('t')

      await cache.set('key', 'new', { tags: ['t'] })

      expect(await cache.get('key')).toBe('new')
    })

    it('expire: what carries the tag is stale, and still served while it is refreshed', async () => {
      await cache.set('key', 'old', { tags: ['t'] })

      const answer = await cache.expireByTag('t')
      const isFresh = await cache.has('key')
      const served = await cache.getOrSet('key', () => 'new', { tags: ['t'] })

      expect([answer, isFresh, served]).toEqual([{ applied }, false, 'old'])
      await waitUntil(async () => (await cache.get('key')) === 'new', 'the refresh has been stored')
    })

    it.each([
      ['known beforehand', ['new-tag'], []],
      ['added by the loader', [], ['new-tag']],
    ])('of another tag leave a load alone whose tag is new and %s', async (_, tags, added) => {
      const load = gate<string>()
      const loader = async (ctx: LoadContext<string>): Promise<string> => {
        const value = await load.enter()
        ctx.addTags(...added)
        return value
      }
      const pending = cache.getOrSet('key', loader, { tags })
      await load.entered

      await cache.deleteByTag('other')
      await cache.expireByTag('another')
      load.open('v')
      await pending

      expect(await cache.get('key')).toBe('v')
    })

    it('reach the entries of every namespace of the cache', async () => {
      const inner = cache.namespace('inner')
      await cache.set('key', 1, { tags: ['t'] })
      await inner.set('key', 2, { tags: ['t'] })

      await inner.deleteByTag('t')

      expect([await cache.get('key'), await inner.get('key')]).toEqual([undefined, undefined])
    })

    it('take tags of every kind for what they are', async () => {
      const tags = ['*', 'a,b', '{x}', 'ü', 't'.repeat(400), '#1']
      await cache.setMany(
        tags.map((tag) => [tag, tag]),
        { tags: [] },
      )
      for (const tag of tags) await cache.set(tag, tag, { tags: [tag] })
      const before = await cache.getMany(tags)

      await cache.deleteByTag('*')
      const after = await cache.getMany(tags)

      expect(before).toEqual(tags)
      expect(after).toEqual([undefined, ...tags.slice(1)])
    })
  })

  describe('clear()', () => {
    it('removes everything, and lets what is written afterwards live', async () => {
      await cache.setMany([
        ['a', 1],
        ['b', 2],
      ])

      const answer = await cache.clear()
      await cache.set('b', 3)

      expect(answer).toEqual({ applied })
      expect(await cache.getMany(['a', 'b'])).toEqual([undefined, 3])
    })
  })

  const invalidations: [string, (cache: Cache) => Promise<Invalidated>][] = [
    ['delete()', (it) => it.delete('key')],
    ['deleteByTag()', (it) => it.deleteByTag('t')],
    ['expire()', (it) => it.expire('key')],
    ['clear()', (it) => it.clear()],
  ]

  describe.each(invalidations)('%s', (_, invalidate) => {
    it('defeats a load that is under way', async () => {
      const load = gate<string>()
      const pending = cache.getOrSet('key', load.enter, { tags: ['t'] })
      await load.entered

      await invalidate(cache)
      load.open('old')

      expect(await pending).toBe('old')
      expect(await cache.get('key')).toBeUndefined()
    })

    it('defeats a load that turns out later to carry the tag', async () => {
      const load = gate<string>()
      const pending = cache.getOrSet('key', async (ctx) => {
        const value = await load.enter()
        ctx.addTags('t')
        return value
      })
      await load.entered

      await invalidate(cache)
      load.open('old')
      await pending

      expect(await cache.get('key')).toBeUndefined()
    })

    it('defeats a refresh that is under way in the background', async () => {
      const refresh = gate<string>()
      await cache.set('key', 'older', { tags: ['t'] })
      await cache.expire('key')
      await cache.getOrSet('key', refresh.enter, { tags: ['t'] })
      await refresh.entered

      await invalidate(cache)
      refresh.open('old')
      const next = await cache.getOrSet('key', () => 'new', {
        staleWhileRevalidate: 0,
        tags: ['t'],
      })

      expect(next).not.toBe('old')
    })

    it('keeps those who ask after it from joining a load that began before it', async () => {
      const older = gate<string>()
      const pending = cache.getOrSet('key', older.enter, { tags: ['t'] })
      await older.entered
      await invalidate(cache)

      const later = cache.getOrSet('key', () => 'new', { tags: ['t'] })
      older.open('old')

      expect(await pending).toBe('old')
      expect(await later).toBe('new')
    })

    it('starts one load for all who ask after it while an older one is under way', async () => {
      const older = gate<string>()
      const pending = cache.getOrSet('key', older.enter, { tags: ['t'] })
      await older.entered
      await invalidate(cache)
      let calls = 0
      const load = async () => {
        calls += 1
        return 'new'
      }

      const later = Array.from({ length: 50 }, () => cache.getOrSet('key', load, { tags: ['t'] }))
      older.open('old')
      await pending

      expect(new Set(await Promise.all(later))).toEqual(new Set(['new']))
      expect(calls).toBe(1)
    })
  })

  describe('set()', () => {
    it('is not overwritten by a load that began before it', async () => {
      const load = gate<string>()
      const pending = cache.getOrSet('key', load.enter)
      await load.entered

      await cache.set('key', 'new')
      load.open('old')

      expect(await pending).toBe('old')
      expect(await cache.get('key')).toBe('new')
    })

    it('leaves the last of many concurrent writes', async () => {
      await Promise.all(Array.from({ length: 20 }, (_, index) => cache.set('key', index)))

      expect(await cache.get('key')).toBe(19)
    })

    it('with a ttl of 0 removes the key', async () => {
      await cache.set('key', 'old')

      await cache.set('key', 'new', { ttl: 0, staleWhileRevalidate: 0, staleIfError: 0 })

      expect(await cache.has('key')).toBe(false)
    })
  })
}
