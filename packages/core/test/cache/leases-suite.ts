import { randomBytes } from 'node:crypto'
import { FakeClock, gate, waitUntil } from '@hotpath/testing'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { type Cache, type CacheOptions, createCache, createRedisLink } from '../../src/index.ts'
import { type Call, GatedLink, isRead, named } from '../support/gated-link.ts'
import { PATIENT, untilReady } from '../support/harness.ts'
import type { RedisSite } from '../support/site.ts'

/** One load across processes, and leases that are always given back. */
export function describeLeases(site: RedisSite): void {
  let namespace = ''

  beforeEach(() => {
    namespace = `test-${randomBytes(6).toString('hex')}`
  })

  /** One process. Nothing that it waits for by the clock happens unless the test moves that. */
  async function open(options: CacheOptions = {}) {
    const clock = new FakeClock()
    const link = new GatedLink(createRedisLink(site.redis, { storeTimeout: PATIENT }))
    const cache = createCache({ redis: link, namespace, clock, coherence: 'none', ...options })
    onTestFinished(async () => {
      await cache.close()
      await link.close()
    })
    await untilReady(cache, false)
    return { cache, clock, link }
  }

  /** A second process that asks for `key` and has found the lease taken. */
  async function waiting(key: string, load: () => string, options: CacheOptions = {}) {
    const other = await open(options)
    const answered = other.link.holdReply(named('read'))
    const pending = other.cache.getOrSet(key, load)
    await answered.reached
    answered.release()
    return { ...other, pending }
  }

  async function advanceUntil(clock: FakeClock, pending: Promise<unknown>): Promise<void> {
    let isOver = false
    const end = () => {
      isOver = true
    }
    pending.then(end, end)
    await waitUntil(async () => {
      await clock.advanceAsync(100)
      return isOver
    }, 'the poll has found it')
  }

  const never = (): string => {
    throw new Error('nobody should have loaded this')
  }

  describe('Across processes', () => {
    it('a loader runs once: others wait for what it brings', async () => {
      const one = await open()
      const load = gate<string>()
      const first = one.cache.getOrSet('key', load.enter)
      await load.entered
      const other = await waiting('key', never)

      load.open('v')
      await first
      await advanceUntil(other.clock, other.pending)

      expect(await other.pending).toBe('v')
      expect(other.cache.stats().loads).toBe(0)
    })

    it('a loader that fails leaves its turn to the next process, which tries by itself', async () => {
      const one = await open()
      const load = gate<string>()
      const first = one.cache.getOrSet('key', load.enter)
      await load.entered
      const other = await waiting('key', () => 'v')

      load.fail(new Error('down'))
      await expect(first).rejects.toThrow('down')
      await advanceUntil(other.clock, other.pending)

      expect(await other.pending).toBe('v')
    })

    it('a value that is not kept leaves its turn to the next process', async () => {
      const one = await open()
      const load = gate<string>()
      const first = one.cache.getOrSet('key', (ctx) => {
        ctx.skip()
        return load.enter()
      })
      await load.entered
      const other = await waiting('key', () => 'v')

      load.open('skipped')
      await first
      await advanceUntil(other.clock, other.pending)

      expect(await other.pending).toBe('v')
    })

    it('one stale value is refreshed by one process', async () => {
      const options = { ttl: '1h', staleWhileRevalidate: '1h' } as const
      const [one, other] = await Promise.all([open(options), open(options)])
      await one.cache.set('key', 'old')
      await one.cache.expire('key')
      const refresh = gate<string>()
      await one.cache.getOrSet('key', refresh.enter)
      await refresh.entered

      const served = await other.cache.getOrSet('key', never)
      await other.cache.get('anything')
      refresh.open('new')

      expect(served).toBe('old')
      expect(other.cache.stats()).toMatchObject({ staleHits: 1, loads: 0 })
    })

    it('those who give up waiting for another process load nothing', async () => {
      const one = await open()
      const load = gate<string>()
      const first = one.cache.getOrSet('key', load.enter)
      await load.entered
      const { cache, clock, link } = await open()
      const caller = new AbortController()
      const answered = link.holdReply(named('read'))
      const pending = cache.getOrSet('key', never, { signal: caller.signal })
      await answered.reached
      answered.release()

      caller.abort(new Error('gave up'))
      await expect(pending).rejects.toThrow('gave up')
      load.fail(new Error('down'))
      await expect(first).rejects.toThrow('down')
      await clock.advanceAsync(10_000)

      expect(cache.stats().loads).toBe(0)
    })

    const isLease = (call: Call): boolean => call[0] === 'read' && !isRead(call)

    it.each([
      ['with memory', {}],
      ['without', { memory: false }],
    ] as const)(
      'a load whose lease was lost is not for those who ask after it began: they ask Redis (%s)',
      async (_, options) => {
        const [one, other] = await Promise.all([open(options), open()])
        const load = gate<string>()
        one.link.loseRequest(isLease)
        const first = one.cache.getOrSet('key', load.enter)
        await load.entered

        const { applied } = await other.cache.delete('key')
        const second = one.cache.getOrSet('key', () => 'new')
        await waitUntil(() => one.cache.stats().loads === 2, 'it is loaded anew')
        load.open('old')

        expect(applied).toBe('everywhere')
        expect(await Promise.all([first, second])).toEqual(['old', 'new'])
        expect(await one.cache.get('key')).toBe('new')
      },
    )

    it('those whose question to Redis was lost share a load', async () => {
      const { cache, link } = await open()
      const load = gate<string>()
      link.loseRequest(isRead)
      const callers = [1, 2, 3].map(() => cache.getOrSet('key', load.enter))
      await load.entered

      load.open('v')

      expect(await Promise.all(callers)).toEqual(['v', 'v', 'v'])
      expect(cache.stats().loads).toBe(1)
    })

    it('those who wait for a lease that is lost share the load that follows', async () => {
      const { cache, link } = await open()
      const asked = link.holdRequest(isLease)
      const load = gate<string>()
      const first = cache.getOrSet('key', load.enter)
      await asked.reached
      const second = cache.getOrSet('key', never)

      asked.fail()
      await load.entered
      load.open('v')

      expect(await Promise.all([first, second])).toEqual(['v', 'v'])
      expect(cache.stats().loads).toBe(1)
    })

    it('set() takes the lease from whoever loads', async () => {
      const [one, other] = await Promise.all([open(), open()])
      const load = gate<string>()
      const first = one.cache.getOrSet('key', load.enter)
      await load.entered

      await other.cache.set('key', 'new')
      load.open('old')

      expect(await first).toBe('old')
      expect(await one.cache.get('key')).toBe('new')
      expect(one.cache.stats().refusedFills).toBe(1)
    })
  })

  describe('A lease', () => {
    it.each(['read', 'fill', 'release'])(
      'is given back when the answer to %s is lost, so that nobody waits for it to run out',
      async (step) => {
        const { cache, link } = await open()
        const other = await open()
        link.loseReply(named(step))
        const load = (): string => {
          if (step === 'release') throw new Error('down')
          return 'v'
        }

        await cache.getOrSet('key', load).catch(() => {})
        await waitUntil(() => cache.health().status === 'ok', 'the journal is empty')

        expect(await other.cache.getOrSet('key', () => 'v')).toBe('v')
      },
    )

    it.each(['read', 'fill', 'release'])(
      'is given back when %s is lost on its way',
      async (step) => {
        const { cache, link } = await open()
        const other = await open()
        link.loseRequest(named(step))
        const load = (): string => {
          if (step === 'release') throw new Error('down')
          return 'v'
        }

        await cache.getOrSet('key', load).catch(() => {})
        await waitUntil(() => cache.health().status === 'ok', 'the journal is empty')

        expect(await other.cache.getOrSet('key', () => 'v')).toBe('v')
      },
    )

    it('that set() took is given back when the rest of it is lost', async () => {
      const { cache, link } = await open()
      const other = await open()
      link.loseRequest(named('fill'))

      await cache.set('key', 'lost')
      await waitUntil(() => cache.health().status === 'ok', 'the journal is empty')

      expect(await other.cache.getOrSet('key', () => 'v')).toBe('v')
    })
  })

  describe('A write that did not reach Redis', () => {
    const writes: [string, (cache: Cache) => Promise<unknown>, step: string][] = [
      ['set()', (cache) => cache.set('key', 'new'), 'fill'],
      ['refresh()', (cache) => cache.refresh('key', () => 'new'), 'set'],
    ]

    it.each(writes)('%s leaves no older value there', async (_, write, step) => {
      const { cache, link } = await open({ memory: false })
      await cache.set('key', 'old')
      link.loseRequest(named(step))

      await write(cache)
      await waitUntil(() => cache.health().status === 'ok', 'the journal is empty')

      expect(await cache.get('key')).not.toBe('old')
    })
  })
}
