import { waitUntil } from '@hotpath/testing'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Cache } from '../../../src/index.ts'
import type { CacheHarness } from '../../support/harness.ts'

/** What a user may cache, and what comes back of it. */
export function describeValues(harness: CacheHarness): void {
  describe('values', () => {
    let cache: Cache
    beforeEach(async () => {
      cache = await harness.open()
    })

    it.each([0, '', false, null, undefined, Number.NaN, -0, 0n])(
      'a cached %s is no miss',
      async (value) => {
        await cache.set('key', value)

        expect(await cache.get('key')).toBe(value)
        expect(await cache.has('key')).toBe(true)
        expect(await cache.getEntry('key')).toMatchObject({ value })
        expect(await cache.getOrSet('key', () => 'loaded')).toBe(value)
      },
    )

    it.each([0, '', false, null, undefined])('a loader that gives %s runs once', async (value) => {
      let calls = 0
      const load = () => {
        calls += 1
        return value
      }

      const first = await cache.getOrSet('key', load)
      const second = await cache.getOrSet('key', load)

      expect([first, second, calls]).toEqual([value, value, 1])
    })

    it('a miss is undefined', async () => {
      expect(await cache.get('key')).toBeUndefined()
      expect(await cache.getEntry('key')).toBeUndefined()
      expect(await cache.has('key')).toBe(false)
      expect(cache.peek('key')).toBeUndefined()
      expect(cache.peekEntry('key')).toBeUndefined()
    })

    it('data of every kind is the same from the loader, and from every tier after it', async () => {
      const value = {
        date: new Date(1_700_000_000_123),
        map: new Map<unknown, unknown>([[{ id: 1 }, new Set([1, 'a'])]]),
        big: 2n ** 70n,
        buffer: Buffer.from([0, 255]),
        bytes: Uint8Array.from([0, 255]),
        regexp: /a+/giu,
        error: new TypeError('typed', { cause: new Error('underneath') }),
        nothing: undefined,
        list: [undefined, null, -0, Number.NaN],
      }

      const loaded = await cache.getOrSet('key', () => value)
      const found = await cache.get('key')
      const again = await cache.get('key')

      expect(loaded).toStrictEqual(value)
      expect(found).toStrictEqual(value)
      expect(again).toStrictEqual(value)
    })

    it('a cycle is a cycle again', async () => {
      const city: { name: string; twin?: unknown } = { name: 'Lyon' }
      city.twin = city

      await cache.set('key', city)
      const found = await cache.get<typeof city>('key')

      expect(found?.twin).toBe(found)
    })

    it('plain objects and arrays are frozen, from the first answer on', async () => {
      const loaded = await cache.getOrSet('key', () => ({ list: [{ name: 'Lyon' }] }))
      const found = await cache.get<typeof loaded>('key')

      for (const value of [loaded, found]) {
        expect(Object.isFrozen(value)).toBe(true)
        expect(Object.isFrozen(value?.list)).toBe(true)
        expect(Object.isFrozen(value?.list[0])).toBe(true)
      }
    })

    it('what the loader or the caller does with its own object later changes nothing', async () => {
      const loaded = { list: ['a'] }
      const written = { list: ['a'] }
      await cache.getOrSet('loaded', () => loaded)
      await cache.set('written', written)

      loaded.list.push('b')
      written.list.push('b')

      expect(await cache.get('loaded')).toEqual({ list: ['a'] })
      expect(await cache.get('written')).toEqual({ list: ['a'] })
    })

    it('a value of a megabyte is kept', async () => {
      const value = 'x'.repeat(1_000_000)

      await cache.set('key', value)

      expect(await cache.get('key')).toBe(value)
    })

    it('a value that cannot be cached is refused with an error that says so', async () => {
      const refused = expect.objectContaining({ code: 'ERR_CACHE_VALUE' })

      await expect(cache.set('key', () => 1)).rejects.toEqual(refused)
      await expect(cache.getOrSet('key', () => () => 1)).rejects.toEqual(refused)
      expect(await cache.has('key')).toBe(false)
    })

    it.each([
      '*',
      'key:*',
      '[a-z]?',
      '{slot}',
      'a:b/c',
      'with space\nand line',
      '%25',
      '#hash',
      'Zürich \u{1f600}',
      '\ud800',
      '\0',
      '__proto__',
      'k'.repeat(10_000),
    ])('the key %j is a key like any other', async (key) => {
      await cache.set('key', 'other')
      await cache.set(key, 'v')

      const found = await cache.get(key)
      await cache.delete(key)

      expect(found).toBe('v')
      expect(await cache.get(key)).toBeUndefined()
      expect(await cache.get('key')).toBe('other')
    })

    it('keys that differ in a lone surrogate only are two keys', async () => {
      await cache.set('\ud800', 1)
      await cache.set('\ud801', 2)

      expect(await cache.getMany(['\ud800', '\ud801'])).toEqual([1, 2])
    })
  })

  describe('a serializer of the user’s own', () => {
    const serializer = {
      serialize: (value: unknown) => Buffer.from(`<${String(value)}>`),
      deserialize: (bytes: Buffer) => bytes.toString().slice(1, -1),
    }

    it('writes and reads what is cached', async () => {
      const cache = await harness.open({ serializer })

      await cache.set('key', 5)

      expect(await cache.get('key')).toBe('5')
    })

    it('can be set for a namespace alone', async () => {
      const cache = await harness.open()
      const inner = cache.namespace('inner', { serializer })

      await cache.set('key', 5)
      await inner.set('key', 5)

      expect([await cache.get('key'), await inner.get('key')]).toEqual([5, '5'])
    })

    if (harness.driver.hasRedis) {
      it('that cannot read what lies there makes it a miss, which an event tells', async () => {
        const cache = await harness.open()
        const corrupted = new Set<string>()
        cache.on('corrupted', ({ key }) => corrupted.add(key))
        const unreadable = {
          serialize: (value: unknown) => Buffer.from(String(value)),
          deserialize: (): never => {
            throw new Error('unreadable')
          },
          sizeOf: () => 1,
        }
        const inner = cache.namespace('inner', { serializer: unreadable })
        await inner.set('key', 'v')

        await waitUntil(async () => (await inner.get('key')) === undefined, 'memory has let it go')

        expect([...corrupted]).toEqual(['key'])
      })
    }
  })
}
