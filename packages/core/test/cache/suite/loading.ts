import { gate } from '@hotpath/testing'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Cache } from '../../../src/index.ts'
import type { CacheHarness } from '../../support/harness.ts'

/** `getOrSet`, `refresh`, `wrap`: one load for all who wait. */
export function describeLoading(harness: CacheHarness): void {
  let cache: Cache
  beforeEach(async () => {
    cache = await harness.open()
  })

  describe('getOrSet()', () => {
    it('loads what is missing and then answers from the cache', async () => {
      const first = await cache.getOrSetEntry('key', async () => 'v')
      const second = await cache.getOrSetEntry('key', async () => 'other')

      expect(first).toMatchObject({ value: 'v', tier: 'loader' })
      expect(second).toMatchObject({
        value: 'v',
        tier: expect.stringMatching(/^(memory|redis)$/),
      })
    })

    it('takes a loader that gives a plain value', async () => {
      expect(await cache.getOrSet('key', () => 'v')).toBe('v')
    })

    it('loads once for 1,000 concurrent callers', async () => {
      const load = gate<string>()

      const pending = Array.from({ length: 1_000 }, () => cache.getOrSet('key', load.enter))
      await load.entered
      load.open('v')
      const values = await Promise.all(pending)

      expect(load.calls).toBe(1)
      expect(new Set(values)).toEqual(new Set(['v']))
    })

    it('loads different keys at the same time', async () => {
      const loads = [gate<string>(), gate<string>()] as const

      const pending = loads.map((load, index) => cache.getOrSet(`key-${index}`, load.enter))
      await Promise.all(loads.map(({ entered }) => entered))
      loads[0].open('a')
      loads[1].open('b')

      expect(await Promise.all(pending)).toEqual(['a', 'b'])
    })

    it('hands the loader’s error to every waiter, runs it once, and caches nothing', async () => {
      const load = gate<string>()
      const error = new Error('the database is down')

      const pending = Array.from({ length: 50 }, () => cache.getOrSet('key', load.enter))
      await load.entered
      load.fail(error)
      const outcomes = await Promise.allSettled(pending)

      expect(load.calls).toBe(1)
      expect(outcomes.every((one) => one.status === 'rejected' && one.reason === error)).toBe(true)
      expect(await cache.has('key')).toBe(false)
      expect(await cache.getOrSet('key', () => 'v')).toBe('v')
    })

    it('hands on what a loader throws synchronously, whatever it is', async () => {
      const pending = cache.getOrSet('key', () => {
        throw 'no Error at all'
      })

      await expect(pending).rejects.toBe('no Error at all')
    })

    it('tells the loader its key', async () => {
      expect(await cache.namespace('inner').getOrSet('user:7', ({ key }) => key)).toBe('user:7')
    })

    it('leaves the options and tags it is given as they are', async () => {
      const options = Object.freeze({ ttl: '1m' as const, tags: Object.freeze(['a']) })

      const entry = await cache.getOrSetEntry(
        'key',
        (ctx) => {
          ctx.addTags('b')
          return 'v'
        },
        options,
      )

      expect(entry.tags).toEqual(['a', 'b'])
      expect(options.tags).toEqual(['a'])
    })
  })

  describe('an abort', () => {
    it('of one caller leaves the load for the others', async () => {
      const load = gate<string>()
      const impatient = new AbortController()
      const signals: AbortSignal[] = []
      const one = cache.getOrSet(
        'key',
        ({ signal }) => {
          signals.push(signal)
          return load.enter()
        },
        { signal: impatient.signal },
      )
      const other = cache.getOrSet('key', load.enter)
      await load.entered

      impatient.abort(new Error('gave up'))
      await expect(one).rejects.toThrow('gave up')
      load.open('v')

      expect(await other).toBe('v')
      expect(signals.map(({ aborted }) => aborted)).toEqual([false])
    })

    it('of the last caller aborts the loader’s signal', async () => {
      const load = gate<string>()
      const callers = [new AbortController(), new AbortController()]
      let signal: AbortSignal | undefined
      const pending = callers.map((caller) =>
        cache.getOrSet(
          'key',
          (ctx) => {
            signal = ctx.signal
            return load.enter()
          },
          { signal: caller.signal },
        ),
      )
      await load.entered

      callers[0]?.abort()
      const afterFirst = signal?.aborted
      callers[1]?.abort()

      await Promise.all(pending.map((one) => expect(one).rejects.toThrow('abort')))
      expect([afterFirst, signal?.aborted]).toEqual([false, true])
    })

    it('does not hand a load that was given up to those who come later', async () => {
      const abandoned = gate<string>()
      const caller = new AbortController()
      const pending = cache.getOrSet('key', abandoned.enter, { signal: caller.signal })
      await abandoned.entered
      caller.abort()
      await expect(pending).rejects.toThrow('abort')

      const later = cache.getOrSet('key', () => 'new')
      abandoned.fail(new Error('nobody hears this'))

      expect(await later).toBe('new')
    })

    it('before the call rejects it with its reason, and nothing is loaded', async () => {
      const load = gate<string>()
      const signal = AbortSignal.abort(new Error('too late'))

      await expect(cache.getOrSet('key', load.enter, { signal })).rejects.toThrow('too late')
      await expect(cache.refresh('key', load.enter, { signal })).rejects.toThrow('too late')

      expect(load.calls).toBe(0)
    })

    it('right after the call rejects it, and nothing is loaded that nobody waits for', async () => {
      const load = gate<string>()
      const caller = new AbortController()

      const pending = cache.getOrSet('key', load.enter, { signal: caller.signal })
      caller.abort(new Error('changed my mind'))

      await expect(pending).rejects.toThrow('changed my mind')
      expect(load.calls).toBe(0)
    })

    it('after the answer does nothing', async () => {
      const caller = new AbortController()

      const value = await cache.getOrSet('key', () => 'v', { signal: caller.signal })
      caller.abort()

      expect([value, await cache.get('key')]).toEqual(['v', 'v'])
    })
  })

  describe('the loader’s context', () => {
    it('setTtl() overrides the ttl: 0 hands the value out without keeping it', async () => {
      const value = await cache.getOrSet('key', (ctx) => {
        ctx.setTtl(0)
        return 'v'
      })

      expect([value, await cache.has('key')]).toEqual(['v', false])
    })

    it('setTtl() and setOptions() decide how long the value lives', async () => {
      const entry = await cache.getOrSetEntry('key', ({ setTtl, setOptions }) => {
        setOptions({ staleWhileRevalidate: '10s', staleIfError: '20s' })
        setTtl('1m')
        return 'v'
      })

      const { createdAtMs } = entry
      expect(entry).toMatchObject({
        freshUntilMs: createdAtMs + 60_000,
        revalidateUntilMs: createdAtMs + 70_000,
        usableOnErrorUntilMs: createdAtMs + 80_000,
      })
    })

    it('skip() hands the value to every waiter and keeps it for nobody', async () => {
      const load = gate<string>()
      const pending = [1, 2].map(() =>
        cache.getOrSet('key', ({ skip }) => {
          skip()
          return load.enter()
        }),
      )
      await load.entered
      load.open('v')

      expect(await Promise.all(pending)).toEqual(['v', 'v'])
      expect(await cache.has('key')).toBe(false)
    })

    it('addTags() adds to the tags of the call', async () => {
      const entry = await cache.getOrSetEntry(
        'key',
        ({ addTags }) => {
          addTags('b', 'c')
          addTags('b')
          return 'v'
        },
        { tags: ['a'] },
      )
      await cache.deleteByTag('c')

      expect(entry.tags).toEqual(['a', 'b', 'c'])
      expect(await cache.has('key')).toBe(false)
    })

    it('shows the stale entry, which notModified() keeps for another ttl with its tags', async () => {
      const options = { staleIfError: '1h' } as const
      await cache.getOrSet(
        'key',
        (ctx) => {
          ctx.addTags('t')
          return { name: 'Lyon' }
        },
        options,
      )
      await cache.expire('key')

      const entry = await cache.getOrSetEntry<{ name: string }>(
        'key',
        (ctx) => {
          expect(ctx.stale?.value).toEqual({ name: 'Lyon' })
          return ctx.notModified()
        },
        options,
      )
      const isFresh = await cache.has('key')
      await cache.deleteByTag('t')

      expect(entry).toMatchObject({ value: { name: 'Lyon' }, tags: ['t'] })
      expect(isFresh).toBe(true)
      expect(await cache.has('key')).toBe(false)
    })

    it('notModified() is refused where there is nothing stale', async () => {
      const pending = cache.getOrSet('key', (ctx) => ctx.notModified())

      await expect(pending).rejects.toMatchObject({ code: 'ERR_CACHE_NOTHING_STALE' })
    })

    it.each<[string, (ctx: { setTtl(ttl: never): void; addTags(tag: never): void }) => void]>([
      ['a bad ttl', (ctx) => ctx.setTtl('soon' as never)],
      ['a bad tag', (ctx) => ctx.addTags('' as never)],
    ])('refuses %s where the loader says it', async (_, misuse) => {
      const pending = cache.getOrSet('key', (ctx) => {
        misuse(ctx)
        return 'v'
      })

      await expect(pending).rejects.toMatchObject({ code: 'ERR_OPTION_INVALID' })
    })
  })

  describe('refresh()', () => {
    it('loads and stores whatever is cached', async () => {
      await cache.set('key', 'old')

      const value = await cache.refresh('key', () => 'new')

      expect([value, await cache.get('key')]).toEqual(['new', 'new'])
    })

    it('keeps what was cached when its loader fails', async () => {
      await cache.set('key', 'old')

      const pending = cache.refresh('key', () => Promise.reject(new Error('down')))

      await expect(pending).rejects.toThrow('down')
      expect(await cache.get('key')).toBe('old')
    })

    it('is not overwritten by a load that began before it', async () => {
      const older = gate<string>()
      const pending = cache.getOrSet('key', older.enter)
      await older.entered

      await cache.refresh('key', () => 'new')
      older.open('old')
      await pending

      expect(await cache.get('key')).toBe('new')
    })
  })

  describe('wrap()', () => {
    it('caches the results of a function by the key of its arguments', async () => {
      let calls = 0
      const add = cache.wrap(
        async (a: number, b: number) => {
          calls += 1
          return a + b
        },
        { key: (a, b) => `sum:${a}:${b}`, ttl: '1m', tags: ['sums'] },
      )

      const sums = [await add(1, 2), await add(1, 2), await add(2, 2)]

      expect(sums).toEqual([3, 3, 4])
      expect(calls).toBe(2)
      expect(await cache.get('sum:1:2')).toBe(3)
    })
  })
}
