import { context, SpanStatusCode, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { type DataPoint, MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics'
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Cache, createCache } from '../../src/index.ts'
import { instrumentCache } from '../../src/observe/opentelemetry.ts'

class Reader extends MetricReader {
  protected async onShutdown(): Promise<void> {}
  protected async onForceFlush(): Promise<void> {}
}

let caches: Cache[] = []
afterEach(async () => {
  await Promise.all(caches.map((cache) => cache.close()))
  caches = []
})

function open(...args: Parameters<typeof createCache>): Cache {
  const cache = createCache(...args)
  caches.push(cache)
  return cache
}

describe('instrumentCache() with a meter', () => {
  const reader = (): Reader => new Reader()
  let used: Reader
  let provider: MeterProvider
  beforeEach(() => {
    used = reader()
    provider = new MeterProvider({ readers: [used] })
  })
  afterEach(() => provider.shutdown())

  /** What is exported, by the name of the instrument. */
  async function collect(): Promise<Map<string, readonly DataPoint<unknown>[]>> {
    const { resourceMetrics, errors } = await used.collect()
    expect(errors).toEqual([])
    const metrics = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics)
    return new Map(metrics.map((metric) => [metric.descriptor.name, metric.dataPoints]))
  }

  it('tells what stats() counts, as it is when it is asked for', async () => {
    const cache = open({ namespace: 'shop' })
    instrumentCache(cache, { meter: provider.getMeter('test') })
    await cache.getOrSet('a', () => 1)
    await cache.getOrSet('a', () => 1)

    const metrics = await collect()

    const name = { 'hotpath.cache.name': 'shop' }
    expect(metrics.get('hotpath.cache.misses')).toMatchObject([{ value: 1, attributes: name }])
    expect(metrics.get('hotpath.cache.hits')).toMatchObject([
      { value: 1, attributes: { ...name, 'hotpath.cache.tier': 'memory' } },
      { value: 0, attributes: { ...name, 'hotpath.cache.tier': 'redis' } },
    ])
    expect(metrics.get('hotpath.cache.memory.entries')).toMatchObject([{ value: 1 }])
    expect(metrics.get('hotpath.cache.load.duration')).toMatchObject([
      { attributes: name, value: { count: 1 } },
    ])
  })

  it('tells of several caches at one meter, by their names', async () => {
    const meter = provider.getMeter('test')
    const [one, other] = [open(), open()]
    instrumentCache(one, { meter, name: 'one' })
    instrumentCache(other, { meter, name: 'other' })
    await other.get('a')

    const misses = (await collect()).get('hotpath.cache.misses')

    expect(misses).toMatchObject([
      { value: 0, attributes: { 'hotpath.cache.name': 'one' } },
      { value: 1, attributes: { 'hotpath.cache.name': 'other' } },
    ])
  })

  it('refuses a name that is taken at the meter, until it is given back', () => {
    const meter = provider.getMeter('test')
    const stop = instrumentCache(open(), { meter, name: 'shop' })

    const again = () => instrumentCache(open(), { meter, name: 'shop' })

    expect(again).toThrow(/name: found "shop", wanted a name that no other cache has at this meter/)
    stop()
    stop()
    expect(again).not.toThrow()
  })

  it('stops', async () => {
    const cache = open()
    const stop = instrumentCache(cache, { meter: provider.getMeter('test') })
    await collect()

    stop()
    await cache.getOrSet('a', () => 1)

    const metrics = await collect()
    // What it was last told the SDK goes on telling.
    expect(metrics.get('hotpath.cache.misses')).toMatchObject([{ value: 0 }])
    expect(metrics.get('hotpath.cache.load.duration')).toBeUndefined()
  })

  it('makes no attribute of keys, tags or namespaces', async () => {
    const cache = open({ namespace: 'shop' })
    instrumentCache(cache, { meter: provider.getMeter('test') })
    const seriesOf = async () =>
      [...(await collect())].map(([name, points]) => [name, points.length])
    await cache.getOrSet('key', () => 1)
    const before = await seriesOf()

    for (let index = 0; index < 1_000; index += 1) {
      const inner = cache.namespace(`tenant-${index}`)
      await inner.getOrSet(`key-${index}`, () => 1, { tags: [`tag-${index}`] })
      await inner.deleteByTag(`tag-${index}`)
    }

    expect(await seriesOf()).toEqual(before)
  })

  it.each([
    [{ meter: {} }, /meter: found an object, wanted a Meter/],
    [{ tracer: {} }, /tracer: found an object, wanted a Tracer/],
    [{ nmae: 'a' }, /nmae: unknown option/],
  ])('refuses %o', (options, message) => {
    expect(() => instrumentCache(open(), options as object)).toThrow(message)
  })

  it('does without a meter provider', () => {
    expect(() => instrumentCache(open(), { name: 'alone' })()).not.toThrow()
  })
})

describe('instrumentCache() with a tracer', () => {
  const manager = new AsyncLocalStorageContextManager()
  beforeAll(() => context.setGlobalContextManager(manager.enable()))
  afterAll(() => context.disable())

  let exporter: InMemorySpanExporter
  let provider: BasicTracerProvider
  let cache: Cache
  let stop: () => void
  beforeEach(() => {
    exporter = new InMemorySpanExporter()
    provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
    cache = open({ namespace: 'shop', ttl: '1h', staleWhileRevalidate: '1h' })
    stop = instrumentCache(cache, { tracer: provider.getTracer('test') })
  })
  afterEach(async () => {
    stop()
    await provider.shutdown()
  })

  const spans = (): ReadableSpan[] => exporter.getFinishedSpans()
  const loads = (): ReadableSpan[] => spans().filter(({ name }) => name === 'hotpath.cache.load')
  const named = (name: string): ReadableSpan | undefined =>
    spans().find((span) => span.name === name)

  /** Something that is traced by itself, as a query is. */
  function traced<T>(name: string, work: () => T | Promise<T>): Promise<T> {
    return provider.getTracer('test').startActiveSpan(name, async (span) => {
      try {
        return await work()
      } finally {
        span.end()
      }
    })
  }

  it('makes a span of each load, and none of a hit', async () => {
    await cache.getOrSet('a', () => 1)
    await cache.getOrSet('a', () => 1)

    expect(loads()).toHaveLength(1)
    expect(loads()[0]?.attributes).toEqual({
      'hotpath.cache.name': 'shop',
      'hotpath.cache.load.keys': 1,
      'hotpath.cache.load.background': false,
    })
  })

  it('puts it between the request and what the loader does', async () => {
    await traced('request', () => cache.getOrSet('a', () => traced('query', () => 1)))

    const [load] = loads()
    expect(load?.parentSpanContext?.spanId).toBe(named('request')?.spanContext().spanId)
    expect(named('query')?.parentSpanContext?.spanId).toBe(load?.spanContext().spanId)
  })

  it('makes a root of a refresh in the background, linked to the request that began it', async () => {
    await cache.getOrSet('a', () => 1)
    await cache.expire('a')
    exporter.reset()
    const refreshed = new Promise((resolve) => cache.on('load', resolve))

    await traced('request', () => cache.getOrSet('a', () => 2))
    await refreshed

    const request = named('request')?.spanContext()
    const [load] = loads()
    expect(load?.parentSpanContext).toBeUndefined()
    expect(load?.links.map(({ context }) => context.spanId)).toEqual([request?.spanId])
    expect(load?.attributes['hotpath.cache.load.background']).toBe(true)
  })

  it('makes one span of a bulk load', async () => {
    await cache.getOrSetMany(['a', 'b', 'c'], (missing) => missing.map(() => 1))

    expect(loads().map(({ attributes }) => attributes['hotpath.cache.load.keys'])).toEqual([3])
  })

  it.each([
    ['rejects', () => Promise.reject(new TypeError('down'))],
    [
      'throws',
      () => {
        throw new TypeError('down')
      },
    ],
  ])('marks the span of a loader that %s, which callers get as it is', async (_, load) => {
    await expect(cache.getOrSet('a', load)).rejects.toThrow('down')

    const [span] = loads()
    expect(span?.status.code).toBe(SpanStatusCode.ERROR)
    expect(span?.attributes['error.type']).toBe('TypeError')
    expect(span?.events.map(({ name }) => name)).toEqual(['exception'])
  })

  it('gives values as loaders give them, promises or not', async () => {
    expect(await cache.getOrSet('a', () => 1)).toBe(1)
    expect(await cache.getOrSet('b', async () => 2)).toBe(2)
  })

  it('ends the span of a query builder, which is no Promise, when its result is there', async () => {
    const builder = {
      // biome-ignore lint/suspicious/noThenProperty: query builders have one
      then: (settle: (value: number) => void) => traced('query', () => 1).then(settle),
    }

    // The cast: types ask for promises, and people give what can be awaited.
    expect(await cache.getOrSet('a', () => builder as Promise<number>)).toBe(1)

    expect(spans().map(({ name }) => name)).toEqual(['query', 'hotpath.cache.load'])
  })

  it('tells keys only when asked to', async () => {
    await cache.getOrSet('user:ann@example.org', () => 1)
    const silent = JSON.stringify(loads()[0]?.attributes)
    stop()
    const options = { tracer: provider.getTracer('test'), recordKeys: true }
    stop = instrumentCache(cache, options)

    await cache.getOrSet('b', () => 1)

    expect(silent).not.toContain('ann')
    expect(loads()[1]?.attributes['hotpath.cache.keys']).toEqual(['b'])
  })

  it('stops', async () => {
    stop()

    await cache.getOrSet('a', () => 1)

    expect(loads()).toEqual([])
    expect(trace.getActiveSpan()).toBeUndefined()
  })
})
