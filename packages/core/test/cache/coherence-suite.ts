import { randomBytes } from 'node:crypto'
import { FakeClock, waitUntil } from '@hotpath/testing'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import {
  type Cache,
  type CacheOptions,
  createCache,
  createRedisLink,
  systemClock,
} from '../../src/index.ts'
import { GatedLink, isRead, named } from '../support/gated-link.ts'
import { PATIENT, untilEvent, untilReady } from '../support/harness.ts'
import { openProxy, type RedisSite } from '../support/site.ts'

/** Keys that every third of a Cluster's slots has some of. */
const MARKERS = ['marker-0', 'marker-1', 'marker-2', 'marker-3', 'marker-4']

/** What memories of several processes on one Redis promise each other. */
export function describeCoherence(site: RedisSite): void {
  let namespace = ''

  beforeEach(() => {
    namespace = `test-${randomBytes(6).toString('hex')}`
  })

  async function open(options: CacheOptions = {}): Promise<Cache> {
    const cache = createCache({
      redis: site.redis,
      namespace,
      storeTimeout: PATIENT,
      ...options,
    })
    onTestFinished(() => cache.close())
    await untilReady(cache, options.coherence !== 'none' && options.memory !== false)
    return cache
  }

  /** Two processes on one Redis; the clock of B stands still unless the test moves it. */
  async function openTwo(optionsOfB: CacheOptions = {}, optionsOfA: CacheOptions = {}) {
    const clock = new FakeClock()
    const [a, b] = await Promise.all([open(optionsOfA), open({ clock, ...optionsOfB })])
    return { a, b, clock }
  }

  async function openGated() {
    const link = new GatedLink(createRedisLink(site.redis, { storeTimeout: PATIENT }))
    onTestFinished(() => link.close())
    return { link, ...(await openTwo({ redis: link })) }
  }

  /** Reads until the value has come into memory, own echoes having died away. */
  async function untilInMemory(cache: Cache, key: string): Promise<void> {
    await waitUntil(async () => {
      await cache.get(key)
      return cache.peek(key) !== undefined
    }, `${key} is in memory`)
  }

  /** By their ids. Sentinels, which subscribe to every server as well, name themselves. */
  async function listSubscribers(): Promise<string[]> {
    const lists = await site.everywhere('CLIENT', 'LIST', 'TYPE', 'PUBSUB')
    const lines = lists.flatMap((list) => String(list).trim().split('\n'))
    return lines
      .filter((line) => !line.includes(' name=sentinel-'))
      .map((line) => line.split(' ')[0] ?? '')
  }

  async function killTracking(): Promise<void> {
    await site.everywhere('CLIENT', 'KILL', 'TYPE', 'pubsub')
  }

  describe.each(['tracking', 'pubsub'] as const)(
    'By %s the memory of one process follows what another does:',
    (coherence) => {
      const openBoth = () => openTwo({ coherence }, { coherence })

      const actions: [string, (cache: Cache) => Promise<unknown>][] = [
        ['set()', (cache) => cache.set('key', 'new', { tags: ['t'] })],
        ['refresh()', (cache) => cache.refresh('key', () => 'new')],
        ['delete()', (cache) => cache.delete('key')],
        ['expire()', (cache) => cache.expire('key')],
        ['deleteByTag()', (cache) => cache.deleteByTag('t')],
        ['deleteByTag() of a long tag', (cache) => cache.deleteByTag('t'.repeat(400))],
        ['expireByTag()', (cache) => cache.expireByTag('t')],
        ['clear()', (cache) => cache.clear()],
      ]

      it.each(actions)('%s', async (_, act) => {
        const { a, b } = await openBoth()
        await a.set('key', 'old', { tags: ['t', 't'.repeat(400)] })
        await untilInMemory(b, 'key')

        await act(a)

        await waitUntil(() => b.peek('key') !== 'old', 'the other process has heard of it')
        expect(await b.get('key')).toBe(await a.get('key'))
      })

      it('clear() of a namespace, and of the one around it', async () => {
        const { a, b } = await openBoth()
        const [inA, inB] = [
          a.namespace('one').namespace('two'),
          b.namespace('one').namespace('two'),
        ]
        for (const outer of [inA, a.namespace('one'), a]) {
          await inA.set('key', 'old')
          await untilInMemory(inB, 'key')

          await outer.clear()

          await waitUntil(() => inB.peek('key') === undefined, 'the other process has heard of it')
          expect(await inB.get('key')).toBeUndefined()
        }
      })

      it('delete() in a namespace, and nothing of the same name elsewhere', async () => {
        const { a, b } = await openBoth()
        const [inA, inB] = [a.namespace('one'), b.namespace('one')]
        await inA.set('key', 'inner')
        await a.set('key', 'outer')
        await Promise.all([untilInMemory(inB, 'key'), untilInMemory(b, 'key')])

        await inA.delete('key')

        await waitUntil(() => inB.peek('key') === undefined, 'the other process has heard of it')
        // The bus of a Cluster may bring the news of the first write late, even to its writer.
        expect(site.hasManyServers ? await b.get('key') : b.peek('key')).toBe('outer')
      })

      it('delete() of a key of every kind', async () => {
        const { a, b } = await openBoth()
        const keys = ['*', '{x}', '#1', 'ü', '\ud800', 'k'.repeat(1_000), 'a:b']
        for (const key of keys) {
          await a.set(key, 'old')
          await untilInMemory(b, key)
        }

        await a.delete(...keys)

        const areGone = () => keys.every((key) => b.peek(key) === undefined)
        await waitUntil(areGone, 'the other process has heard of all of them')
        expect(await b.getMany(keys)).toEqual(keys.map(() => undefined))
      })

      it('set() by a process without memory', async () => {
        const { b } = await openTwo({ coherence }, { coherence })
        const writer = await open({ memory: false, coherence })
        await b.set('key', 'old')
        await untilInMemory(b, 'key')

        await writer.set('key', 'new')

        await waitUntil(
          async () => (await b.get('key')) === 'new',
          'the other process has heard of it',
        )
      })

      it('what happens while the connection is lost: it is made up for when it is back', async () => {
        const { b } = await openTwo({ coherence, clock: systemClock }, { coherence })
        await b.set('key', 'old')
        await untilInMemory(b, 'key')
        const isBack = untilEvent(b, 'coherence', ({ isArmed }) => isArmed)

        await killTracking()
        await site.delete(`${namespace}:{key}:v`)
        await isBack

        expect(await b.get('key')).toBeUndefined()
      })
    },
  )

  describe('By tracking the memory of one process follows also', () => {
    it('FLUSHALL by somebody else', async () => {
      const { a, b } = await openTwo()
      await a.set('key', 'old', { tags: ['t'] })
      await untilInMemory(b, 'key')

      await site.everywhere('FLUSHALL')
      await waitUntil(() => b.peek('key') === undefined, 'the other process has heard of it')
      await a.set('key', 'new', { tags: ['t'] })

      await waitUntil(async () => (await b.get('key')) === 'new', 'it reads what came after')
      await a.deleteByTag('t')
      await waitUntil(() => b.peek('key') === undefined, 'tags work as before')
      expect(await b.get('key')).toBeUndefined()
    })
  })

  describe('A read from Redis', () => {
    it('that a delete by another process has overtaken does not land in memory', async () => {
      const { a, b, link } = await openGated()
      await a.set('key', 'old')
      const read = link.holdReply(isRead)

      const pending = b.get('key')
      await read.reached
      await a.delete('key')
      await untilHeard(b)
      read.release()

      await pending
      expect(b.peek('key')).toBeUndefined()
      expect(await b.get('key')).toBeUndefined()
    })

    it('that began before a delete is not joined by one that begins after it', async () => {
      const { b, link } = await openGated()
      await b.set('key', 'old')
      const read = link.holdReply(isRead)
      const before = b.get('key')
      await read.reached

      await b.delete('key')
      const after = b.get('key')
      read.release()

      await before
      expect(await after).toBeUndefined()
    })

    it('does not keep a copy for longer than Redis does, however late its answer comes', async () => {
      const { a, b, link, clock } = await openGated()
      await a.set('key', 'v', { ttl: '10s' })
      const sentAtMs = clock.now()
      const read = link.holdReply(isRead)

      const pending = b.getEntry('key')
      await read.reached
      clock.advance(5_000)
      read.release()
      const entry = await pending

      expect(entry?.freshUntilMs).toBeLessThanOrEqual(sentAtMs + 10_000)
    })
  })

  /** Resolves when what any server has told `cache` before has been heard. */
  async function untilHeard(cache: Cache): Promise<void> {
    for (const marker of MARKERS) {
      await cache.set(marker, 'v')
      await untilInMemory(cache, marker)
      await site.delete(`${namespace}:{${marker}}:v`)
      await waitUntil(() => cache.peek(marker) === undefined, `${marker} has been heard`)
    }
  }

  describe('A value that Redis could not take', () => {
    it('is not served beyond the grace: nobody would tell when it is deleted elsewhere', async () => {
      const { a, b, link, clock } = await openGated()
      await b.set('other', 'v')
      await untilInMemory(b, 'other')
      link.loseRequest(named('fill'))
      await b.getOrSet('key', () => 'old')

      await a.delete('key')
      clock.advance(1_010)

      expect(b.peek('key')).toBeUndefined()
      expect(await b.getOrSet('key', () => 'new')).toBe('new')
    })

    it('nor when it is loaded without a lease', async () => {
      const { a, b, link, clock } = await openGated()
      await b.set('other', 'v')
      await untilInMemory(b, 'other')
      link.loseRequest(named('read'))
      await b.getOrSet('key', () => 'old')

      await a.delete('key')
      clock.advance(1_010)

      expect(b.peek('key')).toBeUndefined()
      expect(await b.getOrSet('key', () => 'new')).toBe('new')
    })
  })

  describe('While the tracking connection is lost', () => {
    it('memory is served for coherenceGrace and no longer', async () => {
      const { a, b, clock } = await openTwo()
      await a.set('key', 'old')
      await untilInMemory(b, 'key')
      const lost = untilEvent(b, 'coherence', ({ isArmed }) => !isArmed)

      await killTracking()
      await lost
      await a.delete('key')
      clock.advance(990)
      const within = b.peek('key')
      clock.advance(20)

      expect([within, b.peek('key')]).toEqual(['old', undefined])
      expect(await b.get('key')).toBeUndefined()
    })

    it('what comes into memory meanwhile is served for no longer either', async () => {
      const { a, b, clock } = await openTwo({ coherenceGrace: 300 })
      await a.set('key', 'old', { ttl: '1h' })
      const lost = untilEvent(b, 'coherence', ({ isArmed }) => !isArmed)
      await killTracking()
      await lost

      await b.get('key')
      const before = b.peek('key')
      clock.advance(310)

      expect([before, b.peek('key')]).toEqual(['old', undefined])
    })

    it('the loss is told once, and the return once', async () => {
      const { b } = await openTwo({ clock: undefined })
      const changes: boolean[] = []
      b.on('coherence', ({ isArmed }) => changes.push(isArmed))

      for (let round = 0; round < 2; round += 1) {
        const back = untilEvent(b, 'coherence', ({ isArmed }) => isArmed)
        await killTracking()
        await back
      }

      expect(changes).toEqual([false, true, false, true])
    })

    it('on its return all that may have been missed is dropped', async () => {
      const { a, b } = await openTwo({ clock: undefined })
      await a.set('key', 'old')
      await untilInMemory(b, 'key')
      const back = untilEvent(b, 'coherence', ({ isArmed }) => isArmed)
      const lost = untilEvent(b, 'coherence', ({ isArmed }) => !isArmed)

      await killTracking()
      await lost
      await a.delete('key')
      await back

      expect(b.peek('key')).toBeUndefined()
      await a.set('key', 'new')
      await untilInMemory(b, 'key')
      await a.delete('key')
      await waitUntil(() => b.peek('key') === undefined, 'it follows again')
    })
  })

  // Where there are many servers, they tell a client each other's addresses, and no proxy's.
  if (!site.hasManyServers) {
    describe('While a proxy, before one server, loses the connection', () => {
      it.each([1_000, 200])('silently, memory is served for a grace of %d ms', async (graceMs) => {
        const proxy = await openProxy(site)
        const { a, b, clock } = await openTwo({
          redis: `redis://${proxy.host}:${proxy.port}`,
          coherenceGrace: graceMs,
        })
        await a.set('key', 'old')
        await untilInMemory(b, 'key')

        await proxy.stall()
        await a.delete('key')
        const before = b.peek('key')
        await clock.advanceAsync(graceMs + 10)

        expect([before, b.peek('key')]).toEqual(['old', undefined])
      })

      it('a connection that the network drops is replaced, and memory follows again', async () => {
        const proxy = await openProxy(site)
        const { a, b } = await openTwo({
          clock: undefined,
          redis: `redis://${proxy.host}:${proxy.port}`,
        })
        await a.set('key', 'old')
        await untilInMemory(b, 'key')
        const back = untilEvent(b, 'coherence', ({ isArmed }) => isArmed)

        await proxy.drop()
        await a.delete('key')
        await proxy.heal()
        await back
        await a.set('key', 'new')

        await waitUntil(async () => (await b.get('key')) === 'new', 'it reads what came after')
        await untilInMemory(b, 'key')
        await a.delete('key')
        await waitUntil(() => b.peek('key') === undefined, 'it follows again')
      })
    })
  }

  describe('Skewed clocks', () => {
    it.each([-600_000, 600_000])('of %d ms change nothing', async (skewMs) => {
      const skewed = new FakeClock(Date.now() + skewMs)
      const [a, b] = await Promise.all([open(), open({ clock: skewed })])

      await b.set('key', 'v', { ttl: '1m', tags: ['t'] })
      const inA = await a.getEntry('key')
      const inB = await b.getEntry('key')
      await b.deleteByTag('t')

      expect((inA?.freshUntilMs ?? 0) - Date.now()).toBeGreaterThan(50_000)
      expect((inA?.freshUntilMs ?? 0) - Date.now()).toBeLessThanOrEqual(60_000)
      expect((inB?.freshUntilMs ?? 0) - skewed.now()).toBeLessThanOrEqual(60_000)
      await waitUntil(async () => (await a.get('key')) === undefined, 'the tag is gone for both')
    })
  })

  describe("coherence: 'none'", () => {
    it('follows nobody, and opens no connection for it', async () => {
      const a = await open()
      const before = await listSubscribers()
      const b = await open({ coherence: 'none' })
      await a.set('key', 'old')
      await b.get('key')
      const after = await listSubscribers()

      await a.delete('key')

      expect(await b.get('key')).toBe('old')
      expect(before).toEqual(expect.arrayContaining(after))
    })

    it('takes into memory what another process has refreshed', async () => {
      const options = { coherence: 'none', ttl: '1h', staleWhileRevalidate: '1h' } as const
      const clock = new FakeClock()
      const [a, b] = await Promise.all([open(options), open({ ...options, clock })])
      await a.set('key', 'old')
      await b.get('key')
      clock.advance(3_600_000)
      // Entries are told apart by when they end, and both may be stored in one millisecond.
      await a.set('key', 'new', { ttl: '2h' })

      const served = await b.getOrSet('key', () => 'never')

      expect(served).toBe('old')
      await waitUntil(() => b.peek('key') === 'new', 'the background has brought it')
    })
  })
}
