import { randomBytes } from 'node:crypto'
import { collectUnhandledRejections, startFaultProxy } from '@hotpath/testing'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { type CacheOptions, createCache } from '../../src/index.ts'
import { PATIENT, untilReady, useRedis } from '../support/harness.ts'
import { type Actor, History } from '../support/history.ts'

const redis = useRedis({ faults: true })
let namespace = ''
let rejections: ReturnType<typeof collectUnhandledRejections>

beforeEach(() => {
  namespace = `test-${randomBytes(6).toString('hex')}`
  rejections = collectUnhandledRejections()
})

afterEach(async () => {
  expect(await rejections.stop()).toEqual([])
})

async function actor(name: string, options: CacheOptions = {}): Promise<Actor> {
  const hasMemory = options.memory !== false
  const cache = createCache({
    redis: redis.server.url,
    namespace,
    ttl: '1h',
    storeTimeout: PATIENT,
    ...options,
  })
  onTestFinished(() => cache.close())
  await untilReady(cache, hasMemory)
  return { name, cache, seesAll: !hasMemory }
}

async function proxied() {
  const { host, port } = redis.server
  const proxy = await startFaultProxy({ target: { host, port } })
  onTestFinished(() => proxy.close())
  return { proxy, options: { redis: `redis://${proxy.host}:${proxy.port}`, storeTimeout: 50 } }
}

const SEEDS = [1, 2, 3]

describe('A history of random reads, writes and invalidations never shows what was invalidated:', () => {
  it.each(SEEDS)('in memory (seed %d)', async (seed) => {
    const cache = createCache({ ttl: '1h' })
    const history = new History([{ name: 'one', cache, seesAll: false }], seed)

    await history.run(20, 250)

    expect(history.reads).toBeGreaterThan(2_000)
    expect(history.violations).toEqual([])
    expect(history.failures).toEqual([])
  })

  it.each(SEEDS)('on Redis, several processes with and without memory (seed %d)', async (seed) => {
    const actors = await Promise.all([
      actor('one'),
      actor('two'),
      actor('three', { memory: false }),
      actor('four', { memory: false }),
    ])
    const history = new History(actors, seed)

    await history.run(20, 150)

    expect(history.reads).toBeGreaterThan(1_000)
    expect(history.violations).toEqual([])
    expect(history.failures).toEqual([])
  })

  it.each(SEEDS)('while the network fails again and again (seed %d)', async (seed) => {
    const [one, two] = await Promise.all([proxied(), proxied()])
    const actors = await Promise.all([
      actor('one', one.options),
      actor('two', { ...two.options, memory: false }),
      actor('three'),
      actor('four', { memory: false }),
    ])
    // Who is cut off cannot know what others do, but knows what it has done itself.
    for (const cutOff of actors.slice(0, 2)) cutOff.seesAll = false
    const history = new History(actors, seed)
    let isOver = false
    const faults = (async () => {
      while (!isOver) {
        for (const { proxy } of [one, two]) {
          await (seed % 2 === 0 ? proxy.drop() : proxy.stall())
          await new Promise((resolve) => setTimeout(resolve, 60))
          await proxy.heal()
          if (seed === 3) await proxy.reset()
        }
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
    })()

    await history.run(20, 200)
    isOver = true
    await faults

    expect(history.reads).toBeGreaterThan(1_000)
    expect(history.violations).toEqual([])
    expect(history.failures).toEqual([])
  })
})
