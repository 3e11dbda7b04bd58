import { randomBytes } from 'node:crypto'
import { deferred, FakeClock, gate, SeededRandom, waitUntil } from '@hotpath/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { isDueEarly } from '../../src/cache/early-refresh.ts'
import { Entry } from '../../src/cache/entry.ts'
import { type Cache, type CacheOptions, createCache } from '../../src/index.ts'
import { untilReady, useRedis } from '../support/harness.ts'

const redis = useRedis()

/** Draws the same number each time: 0 for the latest moment, almost 1 for the earliest. */
function drawing(next: number): NonNullable<CacheOptions['random']> {
  return { next: () => next, token: (bytes) => randomBytes(bytes).toString('hex') }
}

function open(options: CacheOptions): Cache {
  const cache = createCache({ ttl: '10s', earlyRefresh: true, ...options })
  onTestFinished(() => cache.close())
  return cache
}

/** A loader that takes 100 ms and gives 1, 2, 3 and so on. */
function slowLoader(clock: FakeClock): { load: () => number; readonly loads: number } {
  let loads = 0
  return {
    load: () => {
      clock.advance(100)
      loads += 1
      return loads
    },
    get loads() {
      return loads
    },
  }
}

describe('earlyRefresh', () => {
  it('loads anew before the end, behind callers who get what there is', async () => {
    const clock = new FakeClock()
    const source = slowLoader(clock)
    const cache = open({ clock, random: drawing(1 - Math.exp(-2)) })
    await cache.getOrSet('key', source.load)
    const ask = () => cache.getOrSet('key', source.load)

    clock.advance(9_799)
    const before = [await ask(), source.loads]
    clock.advance(1)
    const served = await Promise.all([ask(), ask(), ask()])
    await waitUntil(() => cache.peek('key') === 2, 'the refresh has been stored')

    expect(before).toEqual([1, 1])
    expect(served).toEqual([1, 1, 1])
    expect(source.loads).toBe(2)
  })

  it('begins the earlier the larger beta is', async () => {
    const clock = new FakeClock()
    const source = slowLoader(clock)
    const options = { clock, random: drawing(1 - Math.exp(-2)), earlyRefresh: { beta: 10 } }
    const cache = open(options)
    await cache.getOrSet('key', source.load)

    clock.advance(8_000)
    await cache.getOrSet('key', source.load)

    await waitUntil(() => cache.peek('key') === 2, 'the refresh has been stored')
    expect(source.loads).toBe(2)
  })

  it('is off unless told, and may be told for a namespace alone', async () => {
    const clock = new FakeClock()
    const source = slowLoader(clock)
    const cache = open({ clock, random: drawing(0.999), earlyRefresh: undefined })
    const inner = cache.namespace('inner', { earlyRefresh: true })
    await cache.getOrSet('key', source.load)
    await inner.getOrSet('key', source.load)

    clock.advance(9_800)
    await cache.getOrSet('key', source.load)
    const afterOuter = source.loads
    await inner.getOrSet('key', source.load)

    expect(afterOuter).toBe(2)
    await waitUntil(() => source.loads === 3, 'the namespace refreshes')
  })

  it('does not put back what was deleted meanwhile', async () => {
    const clock = new FakeClock()
    const source = slowLoader(clock)
    const cache = open({ clock, random: drawing(0.999) })
    await cache.getOrSet('key', source.load)
    clock.advance(9_800)
    const refresh = gate<number>()
    const isOver = deferred<void>()
    cache.on('refused', () => isOver.resolve())
    await cache.getOrSet('key', refresh.enter)
    await refresh.entered

    await cache.delete('key')
    refresh.open(2)
    await isOver.promise

    expect(await cache.get('key')).toBeUndefined()
  })

  it('loads in one process for all, also from copies in memory', async () => {
    const namespace = `test-${randomBytes(6).toString('hex')}`
    const random = drawing(0.999)
    const settings = { redis: redis.server.url, namespace, random, earlyRefresh: { beta: 100 } }
    const [a, b] = [open(settings), open(settings)]
    await Promise.all([untilReady(a, true), untilReady(b, true)])
    const first = async (): Promise<string> => {
      await new Promise((resolve) => setTimeout(resolve, 20))
      return 'old'
    }
    await a.getOrSet('key', first, { ttl: 2_000 })
    for (const cache of [a, b]) {
      await waitUntil(async () => {
        await cache.get('key')
        return cache.peek('key') !== undefined
      }, 'the value is in memory')
    }
    const refresh = gate<string>()

    const served = await Promise.all([a, b].map((cache) => cache.getOrSet('key', refresh.enter)))
    await refresh.entered
    refresh.open('new')

    await waitUntil(async () => (await b.get('key')) === 'new', 'the refresh has reached both')
    expect(served).toEqual(['old', 'old'])
    expect(a.stats().loads + b.stats().loads).toBe(2)
  })

  it('refuses a beta that is no positive number', () => {
    expect(() => createCache({ earlyRefresh: { beta: 0 } })).toThrow('earlyRefresh')
    expect(() => createCache({ earlyRefresh: { gamma: 1 } as object })).toThrow('earlyRefresh')
  })
})

describe('isDueEarly()', () => {
  const lifetime = { ttlMs: 1_000, staleWhileRevalidateMs: 0, staleIfErrorMs: 0 }

  function share(remainingMs: number, loadMs: number, beta: number): number {
    const random = new SeededRandom(7)
    const entry = new Entry('v', 1, [], { era: 'e', epoch: 0 }, lifetime, remainingMs)
    entry.loadMs = loadMs
    const draws = Array.from({ length: 100_000 }, () => isDueEarly(entry, beta, 0, random))
    return draws.filter(Boolean).length / draws.length
  }

  it.each([
    [50, 100, 1],
    [100, 100, 1],
    [300, 100, 1],
    [300, 100, 3],
  ])(
    'with %d ms left, a load of %d ms and beta %d is so in exp(-left / (load * beta)) of all draws',
    (leftMs, loadMs, beta) => {
      expect(share(leftMs, loadMs, beta)).toBeCloseTo(Math.exp(-leftMs / (loadMs * beta)), 2)
    },
  )

  it('is never so for what took no time to load, until its end', () => {
    expect(share(1, 0, 1)).toBe(0)
  })
})
