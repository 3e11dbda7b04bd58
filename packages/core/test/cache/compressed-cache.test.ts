import { randomBytes } from 'node:crypto'
import { Redis } from 'ioredis'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { type Cache, type CacheOptions, createCache, createRedisLink } from '../../src/index.ts'
import { GatedLink, isRead } from '../support/gated-link.ts'
import { PATIENT, untilReady, useRedis } from '../support/harness.ts'

const redis = useRedis()
let namespace = ''

beforeEach(() => {
  namespace = `test-${randomBytes(6).toString('hex')}`
})

async function open(options: CacheOptions = {}): Promise<Cache> {
  const cache = createCache({
    redis: redis.server.url,
    namespace,
    memory: false,
    storeTimeout: PATIENT,
    ...options,
  })
  onTestFinished(() => cache.close())
  await untilReady(cache, options.memory !== undefined)
  return cache
}

async function bytesInRedis(key: string, inner = ''): Promise<number> {
  const client = new Redis(redis.server.url)
  onTestFinished(() => client.disconnect())
  return client.strlen(`${namespace}${inner}:{${key}}:v`)
}

const rows = Array.from({ length: 100 }, (_, id) => ({ id, name: `City of number ${id}` }))
const large = Buffer.alloc(200_000, 'Lyon')

describe('A cache that compresses', () => {
  it.each<[string, unknown]>([
    ['what is small', rows],
    ['what is large', large],
    ['what JSON cannot carry', new Map(rows.map((row) => [row.id, { ...row, at: new Date(0) }]))],
  ])('needs less room in Redis for %s', async (_, value) => {
    const [plain, compressing] = await Promise.all([open(), open({ compression: true })])

    await plain.set('plain', value)
    await compressing.set('compressed', value)

    const share = (await bytesInRedis('compressed')) / (await bytesInRedis('plain'))
    expect(share).toBeLessThan(0.3)
    expect(await compressing.get('compressed')).toStrictEqual(value)
  })

  it('reads what others did not compress, and is read by them', async () => {
    const [plain, compressing] = await Promise.all([
      open(),
      open({ compression: { algorithm: 'gzip' } }),
    ])

    await plain.set('plain', rows)
    await compressing.set('compressed', rows)

    expect(await plain.get('compressed')).toEqual(rows)
    expect(await compressing.get('plain')).toEqual(rows)
  })

  it('does so in its namespaces as well, unless they say otherwise', async () => {
    const cache = await open({ compression: true })

    await cache.namespace('same').set('key', rows)
    await cache.namespace('other', { compression: false }).set('key', rows)

    expect(await bytesInRedis('key', '/same')).toBeLessThan(1_000)
    expect(await bytesInRedis('key', '/other')).toBeGreaterThan(3_000)
  })

  it('counts in memory what a value takes there', async () => {
    const writer = await open({ compression: true })
    const reader = await open({ compression: true, memory: {} })
    await writer.set('key', large)

    await reader.get('key')

    expect(reader.peek('key')).toEqual(large)
    expect(reader.stats().memoryBytes).toBeGreaterThan(large.length)
  })

  it('keeps nothing that is deleted while it is being decompressed', async () => {
    const link = new GatedLink(createRedisLink(redis.server.url))
    onTestFinished(() => link.close())
    const cache = await open({ redis: link, compression: true, memory: {} })
    const writer = await open({ compression: true })
    await writer.set('key', large)
    const reply = link.holdReply(isRead)
    const read = cache.get('key')
    await reply.reached

    reply.release()
    await Promise.all([cache.delete('key'), read])

    expect(cache.peek('key')).toBeUndefined()
    expect(await cache.get('key')).toBeUndefined()
  })
})
