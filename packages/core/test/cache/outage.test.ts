import { randomBytes } from 'node:crypto'
import {
  collectUnhandledRejections,
  FakeClock,
  gate,
  startFaultProxy,
  waitUntil,
} from '@hotpath/testing'
import { Redis } from 'ioredis'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { type Cache, type CacheOptions, createCache, createRedisLink } from '../../src/index.ts'
import { GatedLink, named } from '../support/gated-link.ts'
import { untilEvent, untilReady, useRedis } from '../support/harness.ts'

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

function openUnready(options: CacheOptions = {}): Cache {
  const cache = createCache({ redis: redis.server.url, namespace, ...options })
  onTestFinished(() => cache.close())
  return cache
}

async function open(options: CacheOptions = {}): Promise<Cache> {
  const cache = openUnready(options)
  await untilReady(cache, options.coherence !== 'none' && options.memory !== false)
  return cache
}

/** A cache whose way to Redis the test can cut while Redis itself and other processes go on. */
async function openBehindProxy(options: CacheOptions = {}) {
  const { host, port } = redis.server
  const proxy = await startFaultProxy({ target: { host, port } })
  onTestFinished(() => proxy.close())
  const cache = await open({ redis: `redis://${proxy.host}:${proxy.port}`, ...options })
  let isFollowing = true
  cache.on('coherence', ({ isArmed }) => {
    isFollowing = isArmed
  })
  const cut = async () => {
    const isDown = untilEvent(cache, 'state', (change) => change.redis === 'down')
    await proxy.drop()
    await isDown
  }
  const heal = async () => {
    await proxy.heal()
    await untilUsed(cache)
    await waitUntil(() => isFollowing, 'memory follows the others again')
  }
  return { cache, cut, heal }
}

/** Redis is up, and has heard all that it missed. */
async function untilUsed(cache: Cache): Promise<void> {
  await waitUntil(() => cache.health().status === 'ok', 'Redis is used again')
}

function admin(): Redis {
  const client = new Redis(redis.server.url)
  client.on('error', () => {})
  onTestFinished(() => client.disconnect())
  return client
}

const NOBODY_LISTENS = 'redis://127.0.0.1:1'

describe('A cache whose Redis is away when it starts', () => {
  it('does not throw, and serves from memory at once', async () => {
    const cache = openUnready({ redis: NOBODY_LISTENS })
    let calls = 0
    const load = () => {
      calls += 1
      return 'v'
    }

    const values = [await cache.getOrSet('key', load), await cache.getOrSet('key', load)]
    await cache.set('other', 1)

    expect(values).toEqual(['v', 'v'])
    expect(calls).toBe(1)
    expect(await cache.get('other')).toBe(1)
    expect(cache.health()).toMatchObject({ status: 'degraded', redis: 'down' })
  })

  it('uses Redis as soon as it is there', async () => {
    const { host, port } = redis.server
    const proxy = await startFaultProxy({ target: { host, port } })
    onTestFinished(() => proxy.close())
    await proxy.drop()
    const cache = openUnready({ redis: `redis://${proxy.host}:${proxy.port}` })
    await cache.getOrSet('key', () => 'v')

    await proxy.heal()
    await untilUsed(cache)
    await cache.set('key', 'shared')

    expect(await (await open()).get('key')).toBe('shared')
  })

  it('tells of the loss of coherence once, however often it tries', async () => {
    const clock = new FakeClock()
    const cache = openUnready({ redis: NOBODY_LISTENS, clock })
    const changes: boolean[] = []
    const isLost = untilEvent(cache, 'coherence')
    cache.on('coherence', ({ isArmed }) => changes.push(isArmed))
    await isLost

    for (let second = 0; second < 10; second += 1) await clock.advanceAsync(1_000)

    expect(changes).toEqual([false])
  })

  it('serves what it loads for coherenceGrace, for others may be writing', async () => {
    const clock = new FakeClock()
    const cache = openUnready({ redis: NOBODY_LISTENS, clock, ttl: '1h', coherenceGrace: '5s' })
    await untilEvent(cache, 'coherence')
    await cache.getOrSet('key', () => 'old')

    clock.advance(4_990)
    const within = await cache.getOrSet('key', () => 'new')
    clock.advance(20)

    expect([within, await cache.getOrSet('key', () => 'new')]).toEqual(['old', 'new'])
  })
})

describe('Redis is killed and comes back', () => {
  it('under load: no call fails, and it is used again', async () => {
    const cache = await open({ ttl: '1h' })
    const failures: unknown[] = []
    let isOver = false
    const caller = async (id: number) => {
      for (let round = 0; !isOver; round += 1) {
        const key = `key-${(id + round) % 20}`
        try {
          expect(await cache.getOrSet(key, async () => key, { tags: [key] })).toBe(key)
          if (round % 7 === 0) await cache.delete(key)
          if (round % 11 === 0) await cache.set(key, key)
          if (round % 13 === 0) await cache.deleteByTag(key)
          await new Promise(setImmediate)
        } catch (error) {
          failures.push(error)
        }
      }
    }
    const callers = Array.from({ length: 10 }, (_, id) => caller(id))

    const isDown = untilEvent(cache, 'state', (change) => change.redis === 'down')
    await redis.server.kill()
    await isDown
    await cache.getOrSet('during', () => 'v')
    const isUp = untilEvent(cache, 'state', (change) => change.redis === 'up')
    await redis.server.restart()
    await isUp
    isOver = true
    await Promise.all(callers)
    await untilUsed(cache)
    await cache.set('after', 'v')

    expect(failures).toEqual([])
    expect(await (await open()).get('after')).toBe('v')
  })

  it('loads each key once across processes when all come back to an empty Redis', async () => {
    const caches = await Promise.all([1, 2, 3].map(() => open()))
    await redis.server.kill()
    await redis.server.restart()
    await Promise.all(caches.map(untilUsed))
    let calls = 0
    const load = async () => {
      calls += 1
      return 'v'
    }

    const values = await Promise.all(
      caches.flatMap((cache) => Array.from({ length: 50 }, () => cache.getOrSet('key', load))),
    )

    expect(new Set(values)).toEqual(new Set(['v']))
    expect(calls).toBe(1)
  })
})

describe('A load that began while Redis was away and ends after it is back', () => {
  it('is not joined from then on: what was deleted meanwhile elsewhere was not heard of', async () => {
    const { cache, cut, heal } = await openBehindProxy({ ttl: '1h' })
    const other = await open()
    await cut()
    const load = gate<string>()
    const before = cache.getOrSet('key', load.enter)
    await load.entered
    await other.delete('key')
    await heal()

    const after = cache.getOrSet('key', () => 'new')
    load.open('old')

    expect([await before, await after]).toEqual(['old', 'new'])
    expect(await cache.get('key')).toBe('new')
  })

  it('is not for who joined it after a deletion of a tag that it names at its end', async () => {
    const { cache, cut, heal } = await openBehindProxy({ ttl: '1h' })
    await cut()
    const load = gate<string>()
    const before = cache.getOrSet('key', async (context) => {
      const value = await load.enter()
      context.addTags('tag')
      return value
    })
    await load.entered
    const deleted = await cache.deleteByTag('tag')
    const after = cache.getOrSet('key', () => 'new')
    await heal()

    load.open('old')

    expect(deleted).toEqual({ applied: 'queued' })
    expect([await before, await after]).toEqual(['old', 'new'])
  })
})

describe('Redis hangs', () => {
  it('reads go on, and nothing is sent after a few have waited', async () => {
    const cache = await open({ storeTimeout: 50 })
    const errors: string[] = []
    cache.on('storeError', ({ operation }) => errors.push(operation))
    const isDown = untilEvent(cache, 'state', (change) => change.redis === 'down')
    await redis.server.pause()
    onTestFinished(() => redis.server.resume())

    const values: unknown[] = []
    while (cache.health().redis === 'up') {
      values.push(await cache.getOrSet(`key-${values.length}`, () => 'v'))
    }
    await isDown
    const errorsAtFirst = errors.length
    for (let call = 0; call < 100; call += 1) {
      values.push(await cache.getOrSet(`later-${call}`, () => 'v'))
    }

    expect(new Set(values)).toEqual(new Set(['v']))
    expect(errors.length).toBe(errorsAtFirst)
  })

  it('and goes on: it is used again, and no lease of ours keeps others waiting', async () => {
    const cache = await open({ storeTimeout: 50 })
    const other = await open()
    const isDown = untilEvent(cache, 'state', (change) => change.redis === 'down')
    await redis.server.pause()
    const keys = ['a', 'b', 'c', 'd', 'e']
    await Promise.all(keys.map((key) => cache.getOrSet(key, () => 'v')))
    await Promise.all(keys.map((key) => cache.getOrSet(key, () => 'v')))
    await isDown

    await redis.server.resume()
    await untilUsed(cache)
    await untilUsed(other)

    expect(await Promise.all(keys.map((key) => other.getOrSet(key, () => 'v')))).toEqual(
      keys.map(() => 'v'),
    )
  })
})

describe('An invalidation during an outage', () => {
  const invalidations: [string, (cache: Cache) => Promise<unknown>][] = [
    ['delete()', (cache) => cache.delete('key')],
    ['deleteByTag()', (cache) => cache.deleteByTag('t')],
    ['expire()', (cache) => cache.expire('key')],
    ['expireByTag()', (cache) => cache.expireByTag('t')],
    ['clear()', (cache) => cache.clear()],
    ['clear() of the namespace', (cache) => cache.namespace('inner').clear()],
  ]

  it.each(invalidations)(
    '%s answers "queued", and what it hit does not come back',
    async (_, act) => {
      const { cache, cut, heal } = await openBehindProxy({ staleIfError: '1h' })
      const other = await open()
      const [here, there] = [cache, other].map((each) => each.namespace('inner')) as [Cache, Cache]
      await there.set('key', 'old', { tags: ['t'] })
      await other.set('key', 'old', { tags: ['t'] })
      const isInner = _.includes('namespace')
      const [near, far] = isInner ? [here, there] : [cache, other]
      await near.get('key')
      await cut()

      const answer = await act(cache)
      const queued = cache.health().queuedInvalidations
      const during = await near.get('key')
      await heal()

      expect(answer).toEqual({ applied: 'queued' })
      expect([queued, during]).toEqual([1, undefined])
      expect(await near.get('key')).toBeUndefined()
      await waitUntil(() => far.peek('key') === undefined, 'the other process has heard of it')
      expect(await far.get('key')).toBeUndefined()
      expect(cache.health().queuedInvalidations).toBe(0)
    },
  )

  it('is done before Redis is read again', async () => {
    const link = new GatedLink(createRedisLink(redis.server.url))
    onTestFinished(() => link.close())
    const cache = await open({ redis: link, memory: false })
    await cache.set('key', 'old')
    link.loseRequest(named('delete'))
    const replay = link.holdRequest((call) => call[0] === 'delete')

    const answer = await cache.delete('key')
    await replay.reached
    const during = await cache.get('key')
    replay.release()
    await untilUsed(cache)

    expect([answer, during]).toEqual([{ applied: 'queued' }, undefined])
    expect(await cache.get('key')).toBeUndefined()
  })

  it('is tried again until Redis has heard it', async () => {
    const link = new GatedLink(createRedisLink(redis.server.url))
    onTestFinished(() => link.close())
    const cache = await open({ redis: link, memory: false })
    await cache.set('key', 'old')
    for (let time = 0; time < 3; time += 1) link.loseRequest(named('delete'))

    await cache.delete('key')
    await untilUsed(cache)

    expect(await cache.get('key')).toBeUndefined()
  })

  it('of more keys than the journal holds removes everything', async () => {
    const { cache, cut, heal } = await openBehindProxy()
    const other = await open()
    await other.set('key-5', 'old')
    await other.set('bystander', 'old')
    await cut()

    for (let index = 0; index < 10_050; index += 1) await cache.delete(`key-${index}`)
    const queued = cache.health().queuedInvalidations
    await heal()

    expect(queued).toBeLessThanOrEqual(10_000)
    expect(await cache.getMany(['key-5', 'bystander'])).toEqual([undefined, undefined])
  })
})

describe('A write during an outage', () => {
  it('wins over the older value in Redis', async () => {
    const { cache, cut, heal } = await openBehindProxy()
    await cache.set('key', 'old')
    await cut()

    await cache.set('key', 'new')
    const during = await cache.get('key')
    await heal()

    expect(during).toBe('new')
    expect(await cache.get('key')).not.toBe('old')
    expect(await (await open()).get('key')).not.toBe('old')
  })

  it('by refresh() wins as well', async () => {
    const { cache, cut, heal } = await openBehindProxy()
    await cache.set('key', 'old')
    await cut()

    await cache.refresh('key', () => 'new')
    await heal()

    expect(await cache.get('key')).not.toBe('old')
  })
})

describe('A load that began before an outage', () => {
  it('answers, and leaves nothing that a deletion meanwhile has hit', async () => {
    const { cache, cut, heal } = await openBehindProxy()
    const load = gate<string>()
    const pending = cache.getOrSet('key', load.enter)
    await load.entered
    await cut()

    await cache.delete('key')
    load.open('old')
    const value = await pending
    await heal()

    expect(value).toBe('old')
    expect(await cache.get('key')).toBeUndefined()
  })

  it('leaves nothing that another process has deleted meanwhile', async () => {
    const { cache, cut, heal } = await openBehindProxy()
    const other = await open()
    const load = gate<string>()
    const pending = cache.getOrSet('key', load.enter)
    await load.entered
    await cut()

    await other.delete('key')
    await heal()
    load.open('old')

    expect(await pending).toBe('old')
    expect(await cache.get('key')).toBeUndefined()
    expect(await other.get('key')).toBeUndefined()
  })
})

describe('FLUSHALL and evictions', () => {
  it('of everything leave a cache that works, and tags that mean what they say', async () => {
    const cache = await open({ memory: false })
    await cache.set('key', 'old', { tags: ['t'] })

    await admin().flushall()
    const after = await cache.get('key')
    await cache.set('key', 'new', { tags: ['t'] })
    const rewritten = await cache.get('key')
    await cache.deleteByTag('t')

    expect([after, rewritten]).toEqual([undefined, 'new'])
    expect(await cache.get('key')).toBeUndefined()
  })

  it('of a tag’s record make what carries it invalid, never valid', async () => {
    const cache = await open({ memory: false })
    await cache.set('key', 'old', { tags: ['t'] })
    await cache.set('other', 'v')
    await cache.deleteByTag('another')
    const client = admin()
    const records = await client.keys(`${namespace}:*:t:*`)

    await client.del(...records)

    expect(records.length).toBe(1)
    expect([await cache.get('key'), await cache.get('other')]).toEqual([undefined, 'v'])
    expect([await cache.has('key'), await cache.getMany(['key'])]).toEqual([false, [undefined]])
    expect(await cache.getOrSet('key', () => 'new', { tags: ['t'] })).toBe('new')
  })

  it.each([':e', ':n'])('of the counter %s make everything invalid, never valid', async (end) => {
    const cache = await open({ memory: false })
    await cache.set('a', 1)
    await cache.set('b', 2, { tags: ['t'] })
    const client = admin()

    await client.del(`${namespace}:{era}${end}`)
    const after = await cache.getMany(['a', 'b'])
    await cache.set('a', 3, { tags: ['t'] })

    expect(after).toEqual([undefined, undefined])
    expect(await cache.get('a')).toBe(3)
    await cache.deleteByTag('t')
    expect(await cache.getMany(['a', 'b'])).toEqual([undefined, undefined])
  })

  it('of a lease make the load under way leave nothing, and nothing fails', async () => {
    const cache = await open()
    const load = gate<string>()
    const pending = cache.getOrSet('key', load.enter)
    await load.entered

    await admin().del(`${namespace}:{key}:l`)
    load.open('v')

    expect(await pending).toBe('v')
    expect(cache.stats().refusedFills).toBe(1)
  })
})

describe('Foreign bytes under our keys', () => {
  const foreign: [string, (client: Redis, key: string) => Promise<unknown>][] = [
    ['text', (client, key) => client.set(key, 'foreign')],
    ['nothing', (client, key) => client.set(key, '')],
    ['JSON', (client, key) => client.set(key, JSON.stringify({ value: 'x'.repeat(200) }))],
    ['a list', (client, key) => client.rpush(key, 'a', 'b')],
    ['a hash', (client, key) => client.hset(key, 'a', 'b')],
    ['random bytes', (client, key) => client.set(key, randomBytes(300))],
    ['half an entry', (client, key) => truncate(client, key, 70)],
    ['an entry of a later version', (client, key) => client.setrange(key, 2, '\x02')],
  ]

  async function truncate(client: Redis, key: string, bytes: number): Promise<void> {
    const entry = await client.getrangeBuffer(key, 0, bytes - 1)
    await client.set(key, entry)
  }

  it.each(foreign)('%s: are a miss that the next load writes over', async (_, spoil) => {
    const cache = await open({ memory: false })
    const client = admin()
    const key = `${namespace}:{key}:v`
    await cache.set('key', 'old')
    await ensureReplaceable(client, key, spoil)

    const found = [await cache.get('key'), await cache.has('key')]
    const loaded = await cache.getOrSet('key', () => 'new')

    expect([...found, loaded]).toEqual([undefined, false, 'new'])
    expect(await cache.getOrSet('key', () => 'newer')).toBe('new')
  })

  it.each(foreign)('%s: can be expired and deleted', async (_, spoil) => {
    const cache = await open({ memory: false })
    const client = admin()
    const key = `${namespace}:{key}:v`
    await cache.set('key', 'old')
    await ensureReplaceable(client, key, spoil)

    const answers = [await cache.expire('key'), await cache.delete('key')]

    expect(answers).toEqual([{ applied: 'everywhere' }, { applied: 'everywhere' }])
    expect(cache.health()).toMatchObject({ status: 'ok', queuedInvalidations: 0 })
    expect(await client.exists(key)).toBe(0)
  })

  /** What is of another type cannot be written over an entry: that goes first. */
  async function ensureReplaceable(
    client: Redis,
    key: string,
    spoil: (client: Redis, key: string) => Promise<unknown>,
  ): Promise<void> {
    try {
      await spoil(client, key)
    } catch {
      await client.del(key)
      await spoil(client, key)
    }
  }
})

describe('What was loaded while Redis was away', () => {
  it('is not served when it is back: nobody tells of deletes of what Redis does not have', async () => {
    const { cache, cut, heal } = await openBehindProxy({ coherenceGrace: '1h' })
    const other = await open()
    // Invalidations counted on both sides make their numbers differ.
    for (let time = 0; time < 5; time += 1) await cache.deleteByTag('busy')
    await cut()
    await cache.getOrSet('key', () => 'old', { tags: ['t'] })
    const during = cache.peek('key')
    await heal()

    await other.deleteByTag('t')
    await cache.deleteByTag('t')
    await cache.getOrSet('another', () => 'v', { tags: ['t'] })

    expect(during).toBe('old')
    expect(await cache.get('key')).toBeUndefined()
  })

  it('loses against an invalidation in the outage, by tag and by key, also while it loads', async () => {
    const { cache, cut } = await openBehindProxy({ coherenceGrace: '1h' })
    await cut()
    const loads = [gate<string>(), gate<string>()] as const
    const pending = loads.map((load, index) =>
      cache.getOrSet(`key-${index}`, load.enter, { tags: [`t-${index}`] }),
    )
    await Promise.all(loads.map(({ entered }) => entered))

    const answers = [await cache.deleteByTag('t-0'), await cache.delete('key-1')]
    for (const load of loads) load.open('old')
    await Promise.all(pending)

    expect(answers).toEqual([{ applied: 'queued' }, { applied: 'queued' }])
    expect([cache.peek('key-0'), cache.peek('key-1')]).toEqual([undefined, undefined])
  })
})
