import { randomBytes } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { FakeClock, gate, waitUntil } from '@hotpath/testing'
import fc from 'fast-check'
import { Redis } from 'ioredis'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { type Cache, type CacheOptions, createCache } from '../../src/index.ts'
import { PATIENT, untilReady, useRedis } from '../support/harness.ts'

const redis = useRedis()
let namespace = ''
let admin: Redis

beforeEach(() => {
  namespace = `test-${randomBytes(6).toString('hex')}`
  admin = new Redis(redis.server.url)
  const client = admin
  onTestFinished(() => client.disconnect())
})

/** A process that reads Redis each time, and the keys of which it has told that they are corrupted. */
async function open(options: CacheOptions = {}): Promise<{ cache: Cache; told: string[] }> {
  const cache = createCache({
    redis: redis.server.url,
    namespace,
    memory: false,
    storeTimeout: PATIENT,
    ...options,
  })
  onTestFinished(() => cache.close())
  const told: string[] = []
  cache.on('corrupted', ({ key }) => told.push(key))
  await untilReady(cache, false)
  return { cache, told }
}

function nameOf(key: string): string {
  return `${namespace}:{${key}}:v`
}

/** The bytes of a genuine entry. */
async function entryOf(value: unknown, options: CacheOptions = {}): Promise<Buffer> {
  const { cache } = await open(options)
  await cache.set('genuine', value, { tags: ['tag'] })
  return (await admin.getBuffer(nameOf('genuine'))) ?? Buffer.alloc(0)
}

/** One byte of it changed, told from the end if the offset is negative. */
function changed(bytes: Buffer, offset: number, byte: number): Buffer {
  const copy = Buffer.from(bytes)
  copy[offset < 0 ? bytes.length + offset : offset] = byte
  return copy
}

/** The same with a checksum that is right: damage of which the reader cannot know. */
function signed(bytes: Buffer): Buffer {
  bytes.writeUInt32LE(crc32(bytes.subarray(16), bytes.readUInt32LE(0)), 4)
  return bytes
}

const city = { name: 'Lyon', list: [1, 2, 3] }
const large = 'Lyon '.repeat(50_000)
const compressed: CacheOptions = { compression: true }

const DAMAGES: [string, () => Promise<Buffer>][] = [
  ['nothing at all', async () => Buffer.alloc(0)],
  ['the bytes of somebody else', async () => Buffer.from('{"value":"foreign"}'.repeat(20))],
  ['an entry cut short', async () => (await entryOf(city)).subarray(0, -1)],
  ['the first bytes of an entry', async () => (await entryOf(city)).subarray(0, 10)],
  [
    'an entry with bytes behind it',
    async () => Buffer.concat([await entryOf(city), Buffer.from('x')]),
  ],
  ['a flipped bit in the payload', async () => changed(await entryOf(city), -5, 0x7f)],
  ['an earlier version', async () => signed(changed(await entryOf(city), 2, 0))],
  ['a later version', async () => signed(changed(await entryOf(city), 2, 2))],
  ['a kind that nobody knows', async () => signed(changed(await entryOf(city), 3, 14))],
  ['a compression that nobody knows', async () => signed(changed(await entryOf(city), 3, 0xf0))],
  ['bytes that were never compressed', async () => signed(changed(await entryOf(city), 3, 0x20))],
  ['a payload that is no JSON', async () => signed(changed(await entryOf(city), -5, 0))],
  [
    'compressed bytes that are damaged',
    async () => spoilt(await entryOf('a'.repeat(5_000), compressed)),
  ],
  ['many compressed bytes that are damaged', async () => spoilt(await entryOf(large, compressed))],
]

function spoilt(bytes: Buffer): Buffer {
  bytes.fill(0xff, bytes.length - 10)
  return signed(bytes)
}

describe.each(DAMAGES)('Where Redis holds %s', (_, damage) => {
  it('a read is a miss and an event, and the next load repairs it', async () => {
    const { cache, told } = await open()
    await admin.set(nameOf('key'), await damage())

    const got = await cache.get('key')
    const [many] = await cache.getMany(['key'])
    const toldByReads = [...told]
    const loaded = await cache.getOrSet('key', () => 'loaded')

    expect([got, many]).toEqual([undefined, undefined])
    expect(toldByReads).toEqual(['key', 'key'])
    expect([loaded, await cache.get('key')]).toEqual(['loaded', 'loaded'])
  })

  it('expire(), delete() and refresh() leave none of it', async () => {
    const { cache } = await open({ staleIfError: '1h' })
    const bytes = await damage()
    await Promise.all(['a', 'b', 'c'].map((key) => admin.set(nameOf(key), bytes)))

    await cache.expire('a')
    await cache.delete('b')
    await cache.refresh('c', () => 'fresh')

    expect(await cache.getMany(['a', 'b', 'c'])).toEqual([undefined, undefined, 'fresh'])
    expect(await cache.getOrSet('a', () => 'loaded')).toBe('loaded')
  })

  it('who waits for the load of another process waits on', async () => {
    const clock = new FakeClock()
    const [one, other] = await Promise.all([open(), open({ clock, storeTimeout: '1h' })])
    const load = gate<string>()
    const first = one.cache.getOrSet('key', load.enter)
    await load.entered
    let isOver = false
    const second = other.cache
      .getOrSet('key', () => 'loaded twice')
      .finally(() => {
        isOver = true
      })
    await admin.set(nameOf('key'), await damage())

    await waitUntil(async () => {
      await clock.advanceAsync(50)
      return other.told.length > 0
    }, 'it has come upon the damage')
    load.open('loaded')
    await waitUntil(async () => {
      await clock.advanceAsync(50)
      return isOver
    }, 'it has found what the other process loaded')

    expect(await Promise.all([first, second])).toEqual(['loaded', 'loaded'])
  })
})

describe('Where Redis holds something that is no string', () => {
  it('a read is a miss, and the next load repairs it', async () => {
    const { cache } = await open()
    await admin.rpush(nameOf('key'), 'item')

    expect(await cache.get('key')).toBeUndefined()
    expect(await cache.getOrSet('key', () => 'loaded')).toBe('loaded')
    expect(await cache.get('key')).toBe('loaded')
  })

  it.each([
    ['a lease', '{key}:l'],
    ['the era', '{era}:e'],
    ['the epoch', '{era}:n'],
    ['the recent invalidations', '{era}:r'],
    ['the record of a tag', '{era}:t:tag'],
  ])('in place of %s: loads are kept and invalidations apply, as ever', async (_what, name) => {
    const { cache } = await open()
    const value = async (): Promise<unknown> =>
      await cache.getOrSet('key', () => 'loaded', { tags: ['tag'] })
    await value()
    await cache.delete('key')
    const key = `${namespace}:${name}`
    await admin.del(key)
    if (name.endsWith(':r')) await admin.set(key, 'text')
    else await admin.rpush(key, 'item')

    await value()
    await value()
    expect(await cache.get('key')).toBe('loaded')
    expect(await cache.deleteByTag('tag')).toEqual({ applied: 'everywhere' })
    expect(await cache.get('key')).toBeUndefined()
    await value()
    expect(await cache.get('key')).toBe('loaded')
    expect(await cache.clear()).toEqual({ applied: 'everywhere' })
    expect(await cache.get('key')).toBeUndefined()
  })

  it('in place of the epoch: whoever only invalidates makes it anew, and all is invalid', async () => {
    const { cache } = await open()
    await cache.set('key', 'value', { tags: ['tag'] })
    const key = `${namespace}:{era}:n`
    await admin.set(key, 'no number')

    expect(await cache.deleteByTag('other')).toEqual({ applied: 'everywhere' })

    expect(await cache.get('key')).toBeUndefined()
  })
})

describe('Whatever bytes Redis holds', () => {
  it('a read answers, and a load replaces them', async () => {
    const { cache } = await open()
    const genuine = await entryOf({ ...city, at: new Date(0) })
    const mangled = fc
      .array(fc.tuple(fc.nat(genuine.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 })
      .map((changes) =>
        signed(changes.reduce((bytes, [at, byte]) => changed(bytes, at, byte), genuine)),
      )
    const any = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes))
    let serial = 0
    await fc.assert(
      fc.asyncProperty(fc.oneof(mangled, any), async (bytes) => {
        serial += 1
        const key = `key${serial}`
        await admin.set(nameOf(key), bytes)

        await cache.get(key)
        await cache.refresh(key, () => 'fresh')

        expect(await cache.get(key)).toBe('fresh')
      }),
      { numRuns: 200 },
    )
  })
})
