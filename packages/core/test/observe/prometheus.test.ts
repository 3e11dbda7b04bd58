import { gate } from '@hotpath/testing'
import { Counter, type OpenMetricsContentType, Registry } from 'prom-client'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Cache, createCache } from '../../src/index.ts'
import { collectCacheMetrics } from '../../src/observe/prometheus.ts'
import { untilEvent, untilReady, useRedis } from '../support/harness.ts'
import { heapInUse } from '../support/heap.ts'

let registry: Registry
let caches: Cache[] = []
beforeEach(() => {
  registry = new Registry()
})
afterEach(async () => {
  await Promise.all(caches.map((cache) => cache.close()))
  caches = []
})

function open(...args: Parameters<typeof createCache>): Cache {
  const cache = createCache(...args)
  caches.push(cache)
  return cache
}

/** What is exposed, by series. */
async function scrape(): Promise<Record<string, number>> {
  const lines = (await registry.metrics()).split('\n').filter((line) => /^[a-z]/.test(line))
  return Object.fromEntries(
    lines.map((line) => {
      const end = line.lastIndexOf(' ')
      return [line.slice(0, end), Number(line.slice(end))]
    }),
  )
}

describe('collectCacheMetrics()', () => {
  it('tells what stats() counts, as it is when it is asked for', async () => {
    const cache = open({ namespace: 'shop', ttl: '1h' })
    collectCacheMetrics(cache, { registry })
    await cache.getOrSet('a', () => 1)
    await cache.getOrSet('a', () => 1)
    await cache.getOrSet('b', () => Promise.reject(new Error('down'))).catch(() => {})
    await cache.set('c', 1)
    await cache.delete('c', 'd')
    await cache.expireByTag('t')
    await cache.clear()

    const series = await scrape()

    expect(series).toMatchObject({
      'hotpath_cache_hits_total{cache="shop",tier="memory"}': 1,
      'hotpath_cache_hits_total{cache="shop",tier="redis"}': 0,
      'hotpath_cache_misses_total{cache="shop"}': 2,
      'hotpath_cache_loads_total{cache="shop"}': 2,
      'hotpath_cache_load_errors_total{cache="shop"}': 1,
      'hotpath_cache_sets_total{cache="shop"}': 1,
      'hotpath_cache_invalidations_total{cache="shop",kind="delete"}': 2,
      'hotpath_cache_invalidations_total{cache="shop",kind="expire_tag"}': 1,
      'hotpath_cache_invalidations_total{cache="shop",kind="clear"}': 1,
      'hotpath_cache_store_errors_total{cache="shop",operation="get"}': 0,
      'hotpath_cache_memory_entries{cache="shop"}': 0,
      'hotpath_cache_load_duration_seconds_count{cache="shop"}': 1,
    })
  })

  it('counts on from scrape to scrape, and each only once', async () => {
    const cache = open({ namespace: 'shop' })
    collectCacheMetrics(cache, { registry })
    await cache.get('a')
    await scrape()
    await cache.get('a')

    await scrape()

    expect((await scrape())['hotpath_cache_misses_total{cache="shop"}']).toBe(2)
  })

  it('tells what was counted before it was called', async () => {
    const cache = open({ namespace: 'shop' })
    await cache.get('a')

    collectCacheMetrics(cache, { registry })

    expect(await scrape()).toMatchObject({ 'hotpath_cache_misses_total{cache="shop"}': 1 })
  })

  it('tells how many loads are under way', async () => {
    const cache = open({ namespace: 'shop' })
    collectCacheMetrics(cache, { registry })
    const loader = gate<number>()
    const value = cache.getOrSet('a', loader.enter)
    await loader.entered

    const series = await scrape()

    expect(series['hotpath_cache_load_active{cache="shop"}']).toBe(1)
    loader.open(1)
    await value
  })

  it('has no series of Redis where there is none', async () => {
    collectCacheMetrics(open(), { registry })

    const names = Object.keys(await scrape()).join()

    expect(names).not.toMatch(/redis_up|coherence_armed/)
  })

  it('tells of several caches in one registry, by their names', async () => {
    const [one, other] = [open({ namespace: 'one' }), open({ namespace: 'other' })]
    collectCacheMetrics(one, { registry })
    collectCacheMetrics(other, { registry, name: 'second' })
    await one.get('a')

    const series = await scrape()

    expect(series['hotpath_cache_misses_total{cache="one"}']).toBe(1)
    expect(series['hotpath_cache_misses_total{cache="second"}']).toBe(0)
  })

  it('refuses a name that is taken at the registry, and says so', () => {
    collectCacheMetrics(open({ namespace: 'shop' }), { registry })

    const again = () => collectCacheMetrics(open({ namespace: 'shop' }), { registry })

    expect(again).toThrow(/name: found "shop", wanted a name that no other cache has/)
    expect(again).toThrow(expect.objectContaining({ code: 'ERR_OPTION_INVALID' }))
    expect(() => collectCacheMetrics(open(), { registry: new Registry() })).not.toThrow()
  })

  it('takes the same name under another prefix', async () => {
    const cache = open({ namespace: 'shop' })
    collectCacheMetrics(cache, { registry })

    collectCacheMetrics(cache, { registry, prefix: 'app_' })

    expect(await scrape()).toMatchObject({
      'hotpath_cache_misses_total{cache="shop"}': 0,
      'app_misses_total{cache="shop"}': 0,
    })
  })

  it('stops, and leaves nothing in the registry', async () => {
    const stops = ['one', 'other'].map((name) => collectCacheMetrics(open(), { registry, name }))

    stops[0]?.()
    const between = Object.keys(await scrape()).join()
    for (const stop of stops) stop()

    expect(between).not.toContain('cache="one"')
    expect(between).toContain('cache="other"')
    expect(registry.getMetricsAsArray()).toEqual([])
  })

  it('does not stop, by an old stop(), a later collection under the same name', async () => {
    const cache = open({ namespace: 'shop' })
    const stop = collectCacheMetrics(cache, { registry })
    stop()
    collectCacheMetrics(cache, { registry })

    stop()

    expect(await scrape()).toMatchObject({ 'hotpath_cache_misses_total{cache="shop"}': 0 })
  })

  it('begins anew in a registry that was cleared', async () => {
    const cache = open({ namespace: 'shop' })
    collectCacheMetrics(cache, { registry })
    registry.clear()

    collectCacheMetrics(cache, { registry })

    expect(await scrape()).toMatchObject({ 'hotpath_cache_misses_total{cache="shop"}': 0 })
  })

  it('refuses a prefix under which somebody else has metrics, and leaves none behind', () => {
    new Counter({ name: 'hotpath_cache_evictions_total', help: 'ours', registers: [registry] })

    const collect = () => collectCacheMetrics(open(), { registry })

    expect(collect).toThrow(/prefix: found "hotpath_cache_", wanted one that is free/)
    expect(registry.getMetricsAsArray().map(({ name }) => name)).toEqual([
      'hotpath_cache_evictions_total',
    ])
  })

  it('serves a registry of OpenMetrics as well', async () => {
    const openMetrics = new Registry<OpenMetricsContentType>()
    openMetrics.setContentType(Registry.OPENMETRICS_CONTENT_TYPE)
    const options = { registry: openMetrics }
    const stop = collectCacheMetrics(open({ namespace: 'shop' }), options)

    const text = await openMetrics.metrics()
    stop()

    expect(text).toContain('hotpath_cache_misses_total{cache="shop"} 0')
    expect(openMetrics.getMetricsAsArray()).toEqual([])
  })

  it.each([
    [{ registry: {} }, /registry: found an object, wanted a Registry of prom-client/],
    [{ prefix: 'a-b' }, /prefix: found "a-b", wanted letters/],
    [{ name: '' }, /name: found ""/],
    [{ nmae: 'a' }, /nmae: unknown option/],
  ])('refuses %o', (options, message) => {
    expect(() => collectCacheMetrics(open(), options as object)).toThrow(message)
  })

  it('refuses what is no cache', () => {
    expect(() => collectCacheMetrics({} as Cache, { registry })).toThrow(/cache: found an object/)
  })

  it('trap 14, leaks: a million keys, tags and namespaces make no series', async () => {
    const cache = open({ namespace: 'shop', memory: { maxEntries: 100 } })
    collectCacheMetrics(cache, { registry })
    const before = Object.keys(await scrape())
    const use = async (from: number, count: number): Promise<void> => {
      for (let index = from; index < from + count; index += 1) {
        const inner = cache.namespace(`tenant-${index}`)
        await inner.set(`key-${index}`, index, { tags: [`tag-${index}`] })
      }
    }
    await use(0, 300_000)
    const heapBefore = await heapInUse()

    await use(300_000, 700_000)

    expect(Object.keys(await scrape())).toEqual(before)
    expect(cache.stats().sets).toBe(1_000_000)
    expect((await heapInUse()) - heapBefore).toBeLessThan(10_000_000)
  }, 180_000)
})

describe('collectCacheMetrics() with Redis', () => {
  const redis = useRedis()

  it('tells that Redis is up and that memory follows it', async () => {
    const cache = open({ namespace: 'metrics', redis: redis.server.url })
    await untilReady(cache, true)
    collectCacheMetrics(cache, { registry })

    expect(await scrape()).toMatchObject({
      'hotpath_cache_redis_up{cache="metrics"}': 1,
      'hotpath_cache_coherence_armed{cache="metrics"}': 1,
      'hotpath_cache_queued_invalidations{cache="metrics"}': 0,
    })
  })

  it('tells that it is away, and how many invalidations wait for it', async () => {
    const cache = open({ namespace: 'metrics', redis: 'redis://127.0.0.1:1' })
    await untilEvent(cache, 'state')
    collectCacheMetrics(cache, { registry })

    await cache.delete('a', 'b')

    expect(await scrape()).toMatchObject({
      'hotpath_cache_redis_up{cache="metrics"}': 0,
      'hotpath_cache_coherence_armed{cache="metrics"}': 0,
      'hotpath_cache_queued_invalidations{cache="metrics"}': 2,
    })
  })
})
