import { beforeEach, describe, expect, it } from 'vitest'
import type { Cache, EntryOptions, LoadOptions } from '../../../src/index.ts'
import type { CacheHarness } from '../../support/harness.ts'

/** Wrong options and arguments of calls: refused where they are written, saying what is wrong. */
export function describeMisuse(harness: CacheHarness): void {
  describe('misuse', () => {
    let cache: Cache
    beforeEach(async () => {
      cache = await harness.open()
    })

    const wrongEntryOptions: [object, string][] = [
      [{ tll: '5m' }, 'tll: unknown option'],
      [{ ttl: -1 }, 'ttl: found -1, wanted a duration'],
      [{ ttl: '5 minutes' }, 'ttl: found "5 minutes", wanted a duration'],
      [{ staleWhileRevalidate: 'x' }, 'staleWhileRevalidate: found "x", wanted a duration'],
      [{ staleIfError: Number.NaN }, 'staleIfError: found NaN, wanted a duration'],
      [{ negativeTtl: null }, 'negativeTtl: found null, wanted a duration'],
      [{ jitter: 1.5 }, 'jitter: found 1.5, wanted at most 1'],
      [{ tags: 'city' }, 'tags: found "city", wanted an array'],
      [{ tags: [7] }, 'tags.0: found 7, wanted a string'],
      [{ tags: [''] }, 'tags.0: found ""'],
    ]
    const wrongLoadOptions: [object, string][] = [
      ...wrongEntryOptions,
      [{ softTimeout: 'x' }, 'softTimeout: found "x", wanted a duration'],
      [{ hardTimeout: -5 }, 'hardTimeout: found -5, wanted a duration'],
      [{ signal: {} }, 'signal: found an object, wanted an AbortSignal'],
    ]

    it.each(wrongEntryOptions)('set() refuses %o', async (options, message) => {
      const pending = cache.set('key', 'v', options as EntryOptions)

      await expect(pending).rejects.toThrow(`set: ${message}`)
      expect(await cache.has('key')).toBe(false)
    })

    it.each(wrongLoadOptions)('getOrSet() refuses %o', async (options, message) => {
      let calls = 0
      const load = () => {
        calls += 1
      }

      const pending = cache.getOrSet('key', load, options as LoadOptions)

      await expect(pending).rejects.toThrow(`getOrSet: ${message}`)
      expect(calls).toBe(0)
    })

    it.each([5, [], 'ttl', () => 1])('getOrSet() refuses %o for options', async (options) => {
      const pending = cache.getOrSet('key', () => 1, options as object)

      await expect(pending).rejects.toThrow('getOrSet: options: found')
    })

    it('refresh() and wrap() refuse them as well', async () => {
      const options = { ttl: 'soon' } as object

      await expect(cache.refresh('key', () => 1, options)).rejects.toThrow('refresh: ttl: found')
      expect(() => cache.wrap(() => 1, { key: () => 'key', ...options })).toThrow(
        'wrap: ttl: found "soon"',
      )
    })

    it.each([
      [undefined, 'undefined'],
      [5, '5'],
      [null, 'null'],
      ['', '""'],
      [['a'], 'an array of 1'],
    ])('every method refuses the key %o', async (wrong, shown) => {
      const key = wrong as string
      const message = `key: found ${shown}, wanted text that is not empty`
      const calls = [
        () => cache.get(key),
        () => cache.getEntry(key),
        () => cache.getMany(['a', key]),
        () => cache.has(key),
        () => cache.set(key, 1),
        () => cache.setMany([[key, 1]]),
        () => cache.delete('a', key),
        () => cache.expire(key),
        () => cache.getOrSet(key, () => 1),
        () => cache.getOrSetEntry(key, () => 1),
        () => cache.refresh(key, () => 1),
      ]

      for (const call of calls) await expect(call()).rejects.toThrow(message)
    })

    it.each([undefined, '', 5, 't'.repeat(501)])(
      'deleteByTag() refuses the tag %o',
      async (tag) => {
        const message = 'wanted text of 1 to 500 characters'

        await expect(cache.deleteByTag('a', tag as string)).rejects.toThrow(message)
        await expect(cache.expireByTag(tag as string)).rejects.toThrow(message)
      },
    )

    it.each<unknown>([undefined, 'v', {}])('getOrSet() refuses the loader %o', async (load) => {
      const loader = load as () => string

      await expect(cache.getOrSet('key', loader)).rejects.toThrow('wanted a function')
      await expect(cache.refresh('key', loader)).rejects.toThrow('wanted a function')
      expect(cache.stats().loads).toBe(0)
    })

    it('wrap() refuses what is no function', () => {
      const key = () => 'key'

      expect(() => cache.wrap(5 as never, { key })).toThrow('wrap: fn: found 5, wanted a function')
      expect(() => cache.wrap(() => 1, { key: 'k' as never })).toThrow('wrap: key: found "k"')
    })

    it('carries a code and a page that explains it', async () => {
      const pending = cache.set('key', 1, { ttl: -1 })

      await expect(pending).rejects.toMatchObject({
        name: 'HotpathError',
        code: 'ERR_OPTION_INVALID',
        message: expect.stringContaining('docs/errors/ERR_OPTION_INVALID.md'),
      })
    })
  })
}
