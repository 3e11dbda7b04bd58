import { collectUnhandledRejections, FakeClock, gate, SeededRandom } from '@hotpath/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type Cache, type CacheOptions, createCache } from '../../src/index.ts'

const DAY_MS = 86_400_000

function setUp(options: CacheOptions = {}): { cache: Cache; clock: FakeClock } {
  const clock = new FakeClock()
  const cache = createCache({ clock, random: new SeededRandom(), ...options })
  onTestFinished(() => cache.close())
  return { cache, clock }
}

function counted<V>(values: V[]): { load: () => V; readonly calls: number } {
  let calls = 0
  return {
    load: () => {
      const value = values[Math.min(calls, values.length - 1)] as V
      calls += 1
      if (value instanceof Error) throw value
      return value
    },
    get calls() {
      return calls
    },
  }
}

describe('ttl', () => {
  it('ends to the millisecond', async () => {
    const { cache, clock } = setUp({ ttl: 1_500 })
    await cache.set('key', 'v')

    clock.advance(1_499)
    const before = await cache.get('key')
    clock.advance(1)

    expect([before, await cache.get('key')]).toEqual(['v', undefined])
  })

  it('is five minutes unless told', async () => {
    const { cache, clock } = setUp()
    await cache.set('key', 'v')

    clock.advance(299_999)
    const before = await cache.has('key')
    clock.advance(1)

    expect([before, await cache.has('key')]).toEqual([true, false])
  })

  it('of a call goes before that of the namespace, and that before that of the cache', async () => {
    const { cache, clock } = setUp({ ttl: 300 })
    const inner = cache.namespace('inner', { ttl: 200 })
    await Promise.all([cache.set('a', 1), inner.set('a', 1), inner.set('b', 1, { ttl: 100 })])
    const all = () => Promise.all([cache.has('a'), inner.has('a'), inner.has('b')])

    clock.advance(150)
    const first = await all()
    clock.advance(100)

    expect(first).toEqual([true, true, false])
    expect(await all()).toEqual([true, false, false])
  })

  it('begins when the load has ended', async () => {
    const { cache, clock } = setUp({ ttl: 1_000 })
    const load = gate<string>()
    const pending = cache.getOrSet('key', load.enter)
    clock.advance(10_000)

    load.open('v')
    await pending
    clock.advance(999)

    expect(await cache.get('key')).toBe('v')
  })

  it('may be longer than the 2^31-1 ms of a timer', async () => {
    const { cache, clock } = setUp({ ttl: '60d' })
    await cache.set('key', 'v')

    await clock.advanceAsync(59 * DAY_MS)
    const before = await cache.get('key')
    await clock.advanceAsync(DAY_MS)

    expect([before, await cache.get('key')]).toEqual(['v', undefined])
  })

  it('may be shorter than a millisecond', async () => {
    const { cache, clock } = setUp({ ttl: 0.5 })
    await cache.set('key', 'v')

    const before = await cache.get('key')
    clock.advance(1)

    expect([before, await cache.get('key')]).toEqual(['v', undefined])
  })

  it('is not prolonged by reading', async () => {
    const { cache, clock } = setUp({ ttl: 100 })
    await cache.set('key', 'v')

    for (let step = 0; step < 10; step += 1) {
      clock.advance(10)
      await cache.getOrSet('key', () => 'new')
    }

    expect(await cache.get('key')).toBe('new')
  })
})

describe('negativeTtl', () => {
  it.each([null, undefined])('is how long %s lives', async (nothing) => {
    const { cache, clock } = setUp({ ttl: '1h', negativeTtl: 100 })
    await cache.getOrSet('none', () => nothing)
    await cache.getOrSet('some', () => 0)

    clock.advance(100)

    expect([await cache.has('none'), await cache.has('some')]).toEqual([false, true])
  })

  it('of 0 keeps no misses', async () => {
    const { cache } = setUp({ negativeTtl: 0 })

    await cache.getOrSet('none', () => null)

    expect(await cache.has('none')).toBe(false)
  })
})

describe('jitter', () => {
  it('shortens each ttl by up to its fraction, and no two alike', async () => {
    const { cache } = setUp({ ttl: 1_000, jitter: 0.2 })
    const keys = Array.from({ length: 200 }, (_, index) => `key-${index}`)

    await cache.setMany(keys.map((key) => [key, 'v']))
    const entries = await Promise.all(keys.map((key) => cache.getEntry(key)))
    const ttls = entries.map((entry) => (entry?.freshUntilMs ?? 0) - (entry?.createdAtMs ?? 0))

    expect(Math.max(...ttls)).toBeLessThanOrEqual(1_000)
    expect(Math.min(...ttls)).toBeGreaterThan(799)
    expect(Math.max(...ttls) - Math.min(...ttls)).toBeGreaterThan(150)
  })
})

describe('staleWhileRevalidate', () => {
  it('serves the stale value at once for so long after ttl, and then no more', async () => {
    const { cache, clock } = setUp({ ttl: 1_000, staleWhileRevalidate: 500 })
    await cache.set('early', 'old')
    await cache.set('late', 'old')

    clock.advance(1_499)
    const early = await cache.getOrSet('early', () => 'new')
    clock.advance(1)
    const late = await cache.getOrSet('late', () => 'new')

    expect([early, late]).toEqual(['old', 'new'])
  })

  it('starts one refresh for any number of callers, behind them', async () => {
    const { cache, clock } = setUp({ ttl: 1_000, staleWhileRevalidate: '1h' })
    await cache.set('key', 'old')
    clock.advance(1_000)
    const refresh = gate<string>()

    const served = await Promise.all(
      Array.from({ length: 100 }, () => cache.getOrSet('key', refresh.enter)),
    )
    const during = await cache.getOrSet('key', refresh.enter)
    refresh.open('new')
    await clock.advanceAsync(0)

    expect(new Set([...served, during])).toEqual(new Set(['old']))
    expect(refresh.calls).toBe(1)
    expect(await cache.get('key')).toBe('new')
  })

  it('says that what it serves is stale', async () => {
    const { cache, clock } = setUp({ ttl: 1_000, staleWhileRevalidate: '1h' })
    const hits: unknown[] = []
    cache.on('hit', (hit) => hits.push(hit))
    await cache.set('key', 'old')
    clock.advance(1_000)

    const entry = await cache.getOrSetEntry('key', () => 'new')

    expect(entry).toMatchObject({ value: 'old', tier: 'memory', freshUntilMs: clock.now() })
    expect(hits).toEqual([{ key: 'key', tier: 'memory', stale: true }])
    expect(cache.stats()).toMatchObject({ staleHits: 1, memoryHits: 0 })
  })

  it('backs off after a refresh that failed, and rejects nothing', async () => {
    const rejections = collectUnhandledRejections()
    const { cache, clock } = setUp({ ttl: 1_000, staleWhileRevalidate: '1h' })
    const errors: unknown[] = []
    cache.on('loadError', (detail) => errors.push(detail))
    await cache.set('key', 'old')
    clock.advance(1_000)
    const error = new Error('down')
    const source = counted<unknown>([error, error, 'new'])

    const served: unknown[] = []
    for (let call = 0; call < 20; call += 1) {
      served.push(await cache.getOrSet('key', source.load))
      await clock.advanceAsync(10)
    }
    const callsAtFirst = source.calls
    await clock.advanceAsync(1_000)
    await cache.getOrSet('key', source.load)
    await clock.advanceAsync(2_000)
    await cache.getOrSet('key', source.load)
    await clock.advanceAsync(0)

    expect(new Set(served)).toEqual(new Set(['old']))
    expect([callsAtFirst, source.calls]).toEqual([1, 3])
    expect(await cache.get('key')).toBe('new')
    expect(errors).toEqual([
      { key: 'key', error, background: true },
      { key: 'key', error, background: true },
    ])
    expect(await rejections.stop()).toEqual([])
  })

  it('does not let a refresh that ends late keep a value for longer than its own ttl', async () => {
    const { cache, clock } = setUp({ ttl: 1_000, staleWhileRevalidate: 100 })
    await cache.set('key', 'old')
    clock.advance(1_050)
    const refresh = gate<string>()
    await cache.getOrSet('key', refresh.enter)
    clock.advance(10_000)

    refresh.open('new')
    await clock.advanceAsync(999)
    const before = await cache.get('key')
    await clock.advanceAsync(1)

    expect([before, await cache.get('key')]).toEqual(['new', undefined])
  })
})

describe('staleIfError', () => {
  it('serves the stale value when the loader fails, for so long after ttl', async () => {
    const { cache, clock } = setUp({ ttl: 1_000, staleIfError: 500 })
    const error = new Error('down')
    const fail = () => Promise.reject(error)
    await cache.set('key', 'old')

    clock.advance(1_499)
    const early = await cache.getOrSet('key', fail)
    clock.advance(1)

    expect(early).toBe('old')
    await expect(cache.getOrSet('key', fail)).rejects.toBe(error)
  })

  it('lets the loader try first', async () => {
    const { cache, clock } = setUp({ ttl: 1_000, staleIfError: '1h' })
    await cache.set('key', 'old')
    clock.advance(1_000)

    expect(await cache.getOrSet('key', () => 'new')).toBe('new')
  })

  it('counts from the end of ttl, beside staleWhileRevalidate and not after it', async () => {
    const { cache, clock } = setUp({ ttl: 100, staleWhileRevalidate: 50, staleIfError: 200 })
    await cache.set('key', 'old')
    const fail = () => Promise.reject(new Error('down'))

    clock.advance(299)
    const inside = await cache.getOrSet('key', fail)
    clock.advance(1)

    expect(inside).toBe('old')
    await expect(cache.getOrSet('key', fail)).rejects.toThrow('down')
  })

  it('does not decide for what was cached with it: the entry’s own window does', async () => {
    const { cache, clock } = setUp({ ttl: 100 })
    await cache.set('key', 'old')
    clock.advance(100)

    const pending = cache.getOrSet('key', () => Promise.reject(new Error('down')), {
      staleIfError: '1h',
    })

    await expect(pending).rejects.toThrow('down')
  })
})

describe('A loader that fails while a stale value can be served', () => {
  it('is asked ever more rarely: after 1, 2, 4 and so on up to 60 seconds, or half of that', async () => {
    const { cache, clock } = setUp({ ttl: 1_000, staleWhileRevalidate: '1h' })
    await cache.set('key', 'old')
    clock.advance(1_000)
    const startMs = clock.now()
    const triedMs: number[] = []
    const load = (): never => {
      triedMs.push(clock.now() - startMs)
      throw new Error('down')
    }

    for (let second = 0; second < 600; second += 0.25) {
      await cache.getOrSet('key', load)
      await clock.advanceAsync(250)
    }

    const waitsMs = triedMs.slice(1).map((atMs, index) => atMs - (triedMs[index] as number))
    const ceilingsMs = waitsMs.map((_, index) => Math.min(1_000 * 2 ** index, 60_000))
    expect(waitsMs.length).toBeGreaterThan(10)
    waitsMs.forEach((waitMs, index) => {
      expect(waitMs).toBeGreaterThanOrEqual((ceilingsMs[index] as number) / 2)
      expect(waitMs).toBeLessThanOrEqual((ceilingsMs[index] as number) + 250)
    })
  })

  it('is not waited for again and again where staleIfError serves the value', async () => {
    const { cache, clock } = setUp({ ttl: 1_000, staleIfError: '1h' })
    await cache.set('key', 'old')
    clock.advance(1_000)
    const source = counted<unknown>([new Error('down'), 'new'])

    const served = []
    for (let call = 0; call < 10; call += 1) served.push(await cache.getOrSet('key', source.load))
    const callsAtFirst = source.calls
    clock.advance(1_000)

    expect(new Set(served)).toEqual(new Set(['old']))
    expect(callsAtFirst).toBe(1)
    expect(await cache.getOrSet('key', source.load)).toBe('new')
  })

  it('is asked at once after a delete, which leaves nothing to serve', async () => {
    const { cache, clock } = setUp({ ttl: 1_000, staleIfError: '1h' })
    await cache.set('key', 'old')
    clock.advance(1_000)
    const source = counted<unknown>([new Error('down'), 'new'])
    await cache.getOrSet('key', source.load)

    await cache.delete('key')

    expect(await cache.getOrSet('key', source.load)).toBe('new')
  })
})

describe('softTimeout', () => {
  it('answers with the stale value when the loader is slow, and keeps what it brings', async () => {
    const { cache, clock } = setUp({ ttl: 1_000, staleIfError: '1h', softTimeout: 50 })
    await cache.set('key', 'old')
    clock.advance(1_000)
    const load = gate<string>()

    const pending = cache.getOrSet('key', load.enter)
    await clock.advanceAsync(50)
    const served = await pending
    load.open('new')
    await clock.advanceAsync(0)

    expect(served).toBe('old')
    expect(await cache.get('key')).toBe('new')
  })

  it('waits for the loader where there is nothing stale', async () => {
    const { cache, clock } = setUp({ softTimeout: 50 })
    const load = gate<string>()

    const pending = cache.getOrSet('key', load.enter)
    await clock.advanceAsync(10_000)
    load.open('v')

    expect(await pending).toBe('v')
  })

  it('leaves no timer behind when the loader was in time', async () => {
    const { cache, clock } = setUp({ ttl: 1_000, staleIfError: '1h' })
    await cache.set('key', 'old')
    clock.advance(1_000)

    await cache.getOrSet('key', () => 'new', { softTimeout: '1h', hardTimeout: '2h' })

    expect(clock.pending).toBe(0)
  })

  it('does not let a load that ends after a delete put its value back', async () => {
    const { cache, clock } = setUp({ ttl: 1_000, staleIfError: '1h', softTimeout: 50 })
    await cache.set('key', 'older')
    clock.advance(1_000)
    const load = gate<string>()
    const pending = cache.getOrSet('key', load.enter)
    await clock.advanceAsync(50)
    await pending

    await cache.delete('key')
    load.open('old')
    await clock.advanceAsync(0)

    expect(await cache.get('key')).toBeUndefined()
  })
})

describe('hardTimeout', () => {
  it('rejects with a coded error that names the key, and the load goes on', async () => {
    const { cache, clock } = setUp({ hardTimeout: 100 })
    const load = gate<string>()

    const pending = cache.getOrSet('key', load.enter)
    const rejected = expect(pending).rejects.toMatchObject({
      code: 'ERR_CACHE_LOADER_TIMEOUT',
      message: expect.stringContaining('"key" took longer than hardTimeout (100 ms)'),
    })
    await clock.advanceAsync(100)
    await rejected
    load.open('v')
    await clock.advanceAsync(0)

    expect(await cache.get('key')).toBe('v')
  })

  it('is each caller’s own', async () => {
    const { cache, clock } = setUp()
    const load = gate<string>()
    const impatient = cache.getOrSet('key', load.enter, { hardTimeout: 100 })
    const patient = cache.getOrSet('key', load.enter)
    const rejected = expect(impatient).rejects.toMatchObject({ code: 'ERR_CACHE_LOADER_TIMEOUT' })

    await clock.advanceAsync(100)
    await rejected
    load.open('v')

    expect(await patient).toBe('v')
    expect(load.calls).toBe(1)
  })

  it('answers with a stale value where staleIfError allows it', async () => {
    const { cache, clock } = setUp({ ttl: 1_000, staleIfError: '1h', hardTimeout: 100 })
    await cache.set('key', 'old')
    clock.advance(1_000)
    const load = gate<string>()

    const pending = cache.getOrSet('key', load.enter)
    pending.catch(() => {})
    await clock.advanceAsync(100)

    expect(await pending).toBe('old')
    load.open('new')
  })

  it('does not answer with a stale value that was deleted meanwhile', async () => {
    const { cache, clock } = setUp({ ttl: 1_000, staleIfError: '1h', hardTimeout: 100 })
    await cache.set('key', 'old', { tags: ['t'] })
    clock.advance(1_000)
    const load = gate<string>()
    const pending = cache.getOrSet('key', load.enter)
    const rejected = expect(pending).rejects.toMatchObject({ code: 'ERR_CACHE_LOADER_TIMEOUT' })

    await cache.deleteByTag('t')
    await clock.advanceAsync(100)

    await rejected
    load.open('new')
  })
})

describe('expire()', () => {
  it('begins the stale windows anew, at the moment it is called', async () => {
    const { cache, clock } = setUp({ ttl: 1_000, staleWhileRevalidate: 100, staleIfError: 300 })
    const fail = () => Promise.reject(new Error('down'))
    await cache.set('key', 'old')
    clock.advance(500)

    await cache.expire('key')
    clock.advance(299)
    const inside = await cache.getOrSet('key', fail)
    clock.advance(1)

    expect(inside).toBe('old')
    await expect(cache.getOrSet('key', fail)).rejects.toThrow('down')
  })

  it('of a stale key does not prolong its windows', async () => {
    const { cache, clock } = setUp({ ttl: 1_000, staleWhileRevalidate: 100 })
    await cache.set('key', 'old')
    clock.advance(1_090)

    await cache.expire('key')
    clock.advance(10)

    expect(await cache.getOrSet('key', () => 'new')).toBe('new')
  })
})

describe('A cache in memory', () => {
  it('leaves no timers behind when it is closed', async () => {
    const { cache, clock } = setUp()
    await cache.getOrSet('key', () => 'v')

    await cache.close()

    expect(clock.pending).toBe(0)
  })

  it('stays within its bounds whatever is thrown at it', async () => {
    const { cache } = setUp({ memory: { maxEntries: 100, maxBytes: 50_000 } })

    for (let index = 0; index < 1_000; index += 1) {
      await cache.set(`key-${index}`, 'x'.repeat(index), { tags: [`tag-${index}`] })
      await cache.namespace(`namespace-${index}`).set('key', 1)
    }
    await cache.set('huge', 'x'.repeat(50_000))
    const { memoryEntries, memoryBytes, evictions } = cache.stats()

    expect(memoryEntries).toBeLessThanOrEqual(100)
    expect(memoryBytes).toBeLessThanOrEqual(50_000)
    expect(evictions).toBeGreaterThan(1_800)
    expect(await cache.has('huge')).toBe(false)
  })
})
