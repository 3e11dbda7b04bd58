import { collectUnhandledRejections, FakeClock, gate } from '@hotpath/testing'
import { describe, expect, it } from 'vitest'
import type { Cache, CacheOptions } from '../../src/index.ts'
import { untilEvent } from '../support/harness.ts'
import { heapInUse } from '../support/heap.ts'

/** Where two processes meet; in memory there is but one. */
export interface TrapPlace {
  readonly place: string
  readonly open: (options?: CacheOptions) => Promise<{ here: Cache; elsewhere: Cache }>
  /** How often names are used to see whether any stay, and how much of the heap one may cost. */
  readonly churn: { readonly rounds: number; readonly bytesPerRound: number }
}

/** The traps that are the same wherever a cache keeps its values. */
export function describeTraps({ place, open, churn }: TrapPlace): void {
  describe(`${place}:`, () => {
    describe('trap 1, fill races delete:', () => {
      const invalidations: [string, (cache: Cache) => Promise<unknown>][] = [
        ['delete()', (cache) => cache.delete('key')],
        ['deleteByTag()', (cache) => cache.deleteByTag('t')],
        ['clear()', (cache) => cache.clear()],
      ]

      it.each(invalidations)('%s wins over a load under way', async (_, invalidate) => {
        const { here, elsewhere } = await open()
        const load = gate<string>()
        const pending = here.getOrSet('key', load.enter, { tags: ['t'] })
        await load.entered

        await invalidate(elsewhere)
        load.open('old')
        await pending

        await expectGone('key', here, elsewhere)
      })

      it.each(invalidations)('%s wins over a background refresh', async (_, invalidate) => {
        const { here, elsewhere } = await open({ staleWhileRevalidate: '1h' })
        await here.set('key', 'older', { tags: ['t'] })
        await here.expire('key')
        const load = gate<string>()
        await here.getOrSet('key', load.enter, { tags: ['t'] })
        await load.entered

        await invalidate(elsewhere)
        load.open('old')
        await load.enter()

        await expectGone('key', here, elsewhere)
      })

      it.each(invalidations)(
        '%s wins over a load that outlived its soft timeout',
        async (_, act) => {
          const clock = new FakeClock()
          const { here, elsewhere } = await open({ clock, staleIfError: '1h', softTimeout: 50 })
          await here.set('key', 'older', { tags: ['t'] })
          await here.expire('key')
          const load = gate<string>()
          const pending = here.getOrSet('key', load.enter, { tags: ['t'] })
          await load.entered
          clock.advance(50)
          const served = await pending

          await act(elsewhere)
          load.open('old')
          await load.enter()

          expect(served).toBe('older')
          await expectGone('key', here, elsewhere)
        },
      )

      it('deleteByTag() wins although the tag has been used again since', async () => {
        const { here, elsewhere } = await open({ staleIfError: '1h' })
        const load = gate<string>()
        const pending = here.getOrSet('key', load.enter, { tags: ['t'] })
        await load.entered

        await elsewhere.deleteByTag('t')
        await elsewhere.set('other', 'new', { tags: ['t'] })
        load.open('old')
        await pending

        await expectGone('key', here, elsewhere)
        const fail = () => Promise.reject(new Error('down'))
        await expect(here.getOrSet('key', fail)).rejects.toThrow('down')
        expect(await elsewhere.get('other')).toBe('new')
      })

      it('set() wins over a load under way', async () => {
        const { here, elsewhere } = await open()
        const load = gate<string>()
        const pending = here.getOrSet('key', load.enter)
        await load.entered

        await elsewhere.set('key', 'new')
        load.open('old')
        await pending

        expect([await here.get('key'), await elsewhere.get('key')]).toEqual(['new', 'new'])
      })
    })

    it('trap 4, collapsing single flight: 50 waiters of a loader that fails run it once', async () => {
      const { here } = await open()
      const load = gate<string>()
      const pending = Array.from({ length: 50 }, () => here.getOrSet('key', load.enter))
      await load.entered

      load.fail(new Error('down'))
      const outcomes = await Promise.allSettled(pending)

      expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true)
      expect(load.calls).toBe(1)
    })

    it('trap 7, unhandled rejections: background refreshes, aborts and failing loads leave none', async () => {
      const rejections = collectUnhandledRejections()
      const { here } = await open({ staleWhileRevalidate: '1h' })
      const fail = async () => {
        throw new Error('down')
      }
      await here.set('key', 'stale')
      await here.expire('key')

      const failed = untilEvent(here, 'loadError', ({ background }) => background)
      const served = await here.getOrSet('key', fail)
      await failed
      const caller = new AbortController()
      const aborted = gate<string>()
      const pending = here.getOrSet('other', aborted.enter, { signal: caller.signal })
      await aborted.entered
      caller.abort()
      await expect(pending).rejects.toThrow('abort')
      aborted.fail(new Error('after the abort'))
      await expect(here.getOrSet('third', fail)).rejects.toThrow('down')

      expect(served).toBe('stale')
      expect(await rejections.stop()).toEqual([])
    })

    describe('trap 9, mistakes with ttl:', () => {
      it('a stale window is added to ttl and never cuts it', async () => {
        const { here } = await open({ ttl: '1h', staleWhileRevalidate: '1s', staleIfError: '1s' })

        await here.set('key', 'v')
        const entry = await here.getEntry('key')

        expect((entry?.freshUntilMs ?? 0) - (entry?.createdAtMs ?? 0)).toBe(3_600_000)
        expect((entry?.revalidateUntilMs ?? 0) - (entry?.createdAtMs ?? 0)).toBe(3_601_000)
      })

      it('a ttl beyond 2^31-1 ms does not end at once', async () => {
        const { here } = await open({ ttl: '60d', staleWhileRevalidate: '60d' })

        await here.set('key', 'v')
        await new Promise(setImmediate)

        expect(await here.get('key')).toBe('v')
      })
    })

    it('trap 10, tags: has(), peek(), getMany() and getEntry() respect them', async () => {
      const { here, elsewhere } = await open()
      await here.set('key', 'v', { tags: ['t'] })
      await here.get('key')

      await here.deleteByTag('t')

      for (const cache of [here, elsewhere]) {
        expect(await cache.has('key')).toBe(false)
        expect(cache.peek('key')).toBeUndefined()
        expect(await cache.getMany(['key'])).toEqual([undefined])
        expect(await cache.getEntry('key')).toBeUndefined()
      }
    })

    it('trap 11, clear: glob characters in a namespace touch nobody else', async () => {
      const { here } = await open()
      const others = ['a', 'ab', 'user:1', '*'].map((name) => here.namespace(name))
      await Promise.all([here, ...others].map((cache) => cache.set('key', 'v')))

      await here.namespace('*').clear()
      await here.namespace('a?').clear()
      await here.namespace('[a-z]*').clear()

      expect(await Promise.all([here, ...others].map((cache) => cache.has('key')))).toEqual([
        true,
        true,
        true,
        true,
        false,
      ])
    })

    it('trap 12, values: what comes back is what was cached', async () => {
      const { here, elsewhere } = await open()
      const values = [
        0,
        false,
        '',
        null,
        undefined,
        new Date(5),
        new Map([[1, { a: undefined }]]),
        Buffer.from('bytes'),
        5n,
        [undefined],
      ]

      await here.setMany(values.map((value, index) => [`key-${index}`, value]))

      for (const cache of [here, elsewhere]) {
        const found = await Promise.all(values.map((_, index) => cache.getEntry(`key-${index}`)))
        expect(found.map((entry) => entry?.value)).toStrictEqual(values)
        expect(found.includes(undefined)).toBe(false)
      }
    })

    it('trap 13, swallowed errors: a loader that throws never yields undefined', async () => {
      const { here } = await open()
      const error = new Error('down')

      await expect(here.getOrSet('key', () => Promise.reject(error))).rejects.toBe(error)
      await expect(here.refresh('key', () => Promise.reject(error))).rejects.toBe(error)
      await expect(here.wrap(() => Promise.reject(error), { key: () => 'key' })()).rejects.toBe(
        error,
      )
    })

    it('trap 14, leaks: dynamic namespaces, keys, tags and loads leave nothing behind', async () => {
      const { here } = await open({ memory: { maxEntries: 10 } })
      const use = async (from: number, count: number) => {
        for (let index = from; index < from + count; index += 1) {
          const inner = here.namespace(`tenant-${index}`)
          const load = () => Promise.reject(new Error('down'))
          await Promise.all([
            inner.getOrSet(`key-${index}`, () => 'v', { tags: [`tag-${index}`] }),
            inner.getOrSet(`failing-${index}`, load).catch(() => {}),
            inner.delete(`key-${index}`),
            inner.deleteByTag(`tag-${index}`),
          ])
        }
      }
      const { rounds, bytesPerRound } = churn
      await use(0, rounds)
      const before = await heapInUse()

      await use(rounds, rounds)
      const perRound = ((await heapInUse()) - before) / rounds

      // A name of a namespace and its era may stay, within bounds of their own.
      expect(perRound).toBeLessThan(bytesPerRound)
    })

    it('trap 14, leaks: what the caller passed in is never changed', async () => {
      const { here } = await open()
      const tags = Object.freeze(['a', 'b'])
      const options = Object.freeze({ ttl: '1m' as const, tags })
      const value = { list: [1] }

      await here.set('key', value, options)
      await here.getOrSet('other', ({ addTags }) => addTags('c'), options)

      expect([tags, options, value]).toEqual([['a', 'b'], { ttl: '1m', tags }, { list: [1] }])
      expect(Object.isFrozen(value)).toBe(false)
    })
  })
}

async function expectGone(key: string, ...caches: Cache[]): Promise<void> {
  for (const cache of caches) {
    expect(await cache.get(key)).toBeUndefined()
    expect(cache.peek(key)).toBeUndefined()
  }
}
