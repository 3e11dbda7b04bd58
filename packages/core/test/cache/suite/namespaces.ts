import { beforeEach, describe, expect, it } from 'vitest'
import type { Cache } from '../../../src/index.ts'
import type { CacheHarness } from '../../support/harness.ts'

/** Parts of a cache with keys and a `clear()` of their own. */
export function describeNamespaces(harness: CacheHarness): void {
  describe('namespace()', () => {
    let cache: Cache
    beforeEach(async () => {
      cache = await harness.open()
    })

    it('has keys of its own', async () => {
      const [one, two] = [cache.namespace('one'), cache.namespace('two')]

      await Promise.all([cache.set('key', 0), one.set('key', 1), two.set('key', 2)])
      await one.delete('key')

      expect(await Promise.all([cache, one, two].map((each) => each.get('key')))).toEqual([
        0,
        undefined,
        2,
      ])
    })

    it('of one name is one namespace', async () => {
      await cache.namespace('one').set('key', 1)

      expect(await cache.namespace('one').get('key')).toBe(1)
    })

    it('can be cleared without its parent and its neighbours', async () => {
      const one = cache.namespace('one')
      const others = [cache, cache.namespace('on'), cache.namespace('one-more')]
      await Promise.all([one, ...others].map((each) => each.set('key', 1)))

      await one.clear()

      expect(await one.has('key')).toBe(false)
      expect(await Promise.all(others.map((each) => each.has('key')))).toEqual([true, true, true])
    })

    it('is cleared with its parent, however deep', async () => {
      const one = cache.namespace('one')
      const deep = one.namespace('two').namespace('three')
      const other = cache.namespace('other')
      await Promise.all([one, deep, other].map((each) => each.set('key', 1)))

      await one.clear()
      const afterOne = await Promise.all([deep, other].map((each) => each.has('key')))
      await cache.clear()

      expect(afterOne).toEqual([false, true])
      expect(await other.has('key')).toBe(false)
    })

    it.each(['*', '?', '[a-z]', 'a:b', 'a/b', '{x}', '%', 'ü', '\n'])(
      'may be called %j, which touches nobody else',
      async (name) => {
        const odd = cache.namespace(name)
        const others = [cache, cache.namespace('a'), cache.namespace('a').namespace('b')]
        await Promise.all([odd, ...others].map((each) => each.set('key', 1)))

        await odd.clear()

        expect(await odd.has('key')).toBe(false)
        expect(await Promise.all(others.map((each) => each.has('key')))).toEqual([true, true, true])
      },
    )

    it('takes the options of its parent, but for those of its own', async () => {
      const outer = cache.namespace('outer', { ttl: '1m', staleIfError: '1h' })
      const inner = outer.namespace('inner', { ttl: '2m' })

      await inner.set('key', 1)
      const entry = await inner.getEntry('key')

      expect((entry?.freshUntilMs ?? 0) - (entry?.createdAtMs ?? 0)).toBe(120_000)
      expect((entry?.usableOnErrorUntilMs ?? 0) - (entry?.createdAtMs ?? 0)).toBe(3_720_000)
    })

    it.each([
      ['', 'namespace: found "", wanted a name of 1 to 200 characters'],
      ['x'.repeat(201), 'wanted a name of 1 to 200 characters'],
      [7, 'namespace: found 7, wanted a name'],
    ])('refuses the name %j', (name, message) => {
      expect(() => cache.namespace(name as string)).toThrow(message)
    })

    it('refuses more than a few namespaces inside each other', () => {
      let inner = cache
      const nest = () => {
        for (let depth = 0; depth < 100; depth += 1) inner = inner.namespace('n')
      }

      expect(nest).toThrow('at most 8 namespaces inside each other')
    })

    it('refuses options that it does not know', () => {
      const wrong = { ttl: '1m', redis: 'redis://localhost' } as object

      expect(() => cache.namespace('one', wrong)).toThrow('namespace: redis: unknown option')
    })
  })
}
