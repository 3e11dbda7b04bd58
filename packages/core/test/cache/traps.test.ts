import { randomBytes } from 'node:crypto'
import { FakeClock, waitUntil } from '@hotpath/testing'
import { Redis } from 'ioredis'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { type Cache, type CacheOptions, createCache, createRedisLink } from '../../src/index.ts'
import { GatedLink, isRead, named } from '../support/gated-link.ts'
import { PATIENT, untilEvent, untilReady, useRedis } from '../support/harness.ts'
import { describeTraps } from './traps-suite.ts'

const redis = useRedis({ faults: true })
let namespace = ''

beforeEach(() => {
  namespace = `test-${randomBytes(6).toString('hex')}`
})

function closing(cache: Cache): Cache {
  onTestFinished(() => cache.close())
  return cache
}

function inMemory(options: CacheOptions = {}): Cache {
  return closing(createCache(options))
}

async function onRedis(options: CacheOptions = {}): Promise<Cache> {
  const cache = closing(
    createCache({ redis: redis.server.url, namespace, storeTimeout: PATIENT, ...options }),
  )
  await untilReady(cache, options.memory !== false)
  return cache
}

/** A process whose commands the test can hold up. */
async function onGatedRedis(options: CacheOptions = {}) {
  const link = new GatedLink(createRedisLink(redis.server.url))
  const cache = await onRedis({ redis: link, ...options })
  onTestFinished(() => link.close())
  return { link, cache }
}

function admin(): Redis {
  const client = new Redis(redis.server.url)
  client.on('error', () => {})
  onTestFinished(() => client.disconnect())
  return client
}

async function untilInMemory(cache: Cache, key: string): Promise<void> {
  await waitUntil(async () => {
    await cache.get(key)
    return cache.peek(key) !== undefined
  }, `${key} is in memory`)
}

describeTraps({
  place: 'in memory',
  open: async (options) => {
    const cache = inMemory(options)
    return { here: cache, elsewhere: cache }
  },
  churn: { rounds: 3_000, bytesPerRound: 400 },
})

describeTraps({
  place: 'on Redis, as two processes',
  open: async (options) => {
    const [here, elsewhere] = await Promise.all([onRedis(options), onRedis(options)])
    return { here, elsewhere }
  },
  churn: { rounds: 1_500, bytesPerRound: 700 },
})

async function expectGone(key: string, ...caches: Cache[]): Promise<void> {
  for (const cache of caches) {
    expect(await cache.get(key)).toBeUndefined()
    expect(cache.peek(key)).toBeUndefined()
  }
}

describe('on Redis alone there can be:', () => {
  it('trap 2, resurrection by a slow read: it does not land in memory after a delete', async () => {
    const elsewhere = await onRedis()
    const { cache: here, link } = await onGatedRedis()
    await elsewhere.set('marker', 'v')
    await elsewhere.set('key', 'old')
    await untilInMemory(here, 'marker')
    const read = link.holdReply(isRead)
    const pending = here.get('key')
    await read.reached

    await elsewhere.delete('key', 'marker')
    await waitUntil(() => here.peek('marker') === undefined, 'the deletes have been heard')
    read.release()
    await pending

    expect(here.peek('key')).toBeUndefined()
    expect(await here.get('key')).toBeUndefined()
  })

  it('trap 3, missed messages: a subscriber that was away drops what it held', async () => {
    const [here, elsewhere] = await Promise.all([onRedis(), onRedis()])
    await elsewhere.set('key', 'old')
    await untilInMemory(here, 'key')
    const lost = untilEvent(here, 'coherence', ({ isArmed }) => !isArmed)
    const back = untilEvent(here, 'coherence', ({ isArmed }) => isArmed)

    await admin().call('CLIENT', 'KILL', 'TYPE', 'pubsub')
    await lost
    await elsewhere.delete('key')
    await back

    await expectGone('key', here)
  })

  it('trap 5, lost invalidation in an outage: it says "queued", and nothing comes back', async () => {
    const { cache: here, link } = await onGatedRedis({ memory: false })
    const elsewhere = await onRedis({ memory: false })
    await here.set('key', 'old')
    for (let time = 0; time < 2; time += 1) link.loseRequest(named('delete'))

    const answer = await here.delete('key')
    await waitUntil(() => here.health().status === 'ok', 'the journal has been replayed')

    expect(answer).toEqual({ applied: 'queued' })
    await expectGone('key', here, elsewhere)
  })

  it('trap 6, hung Redis: a few calls wait for storeTimeout, and then none', async () => {
    const cache = await onRedis({ storeTimeout: 20 })
    let timeouts = 0
    cache.on('storeError', () => {
      timeouts += 1
    })
    const isDown = untilEvent(cache, 'state', (change) => change.redis === 'down')
    await redis.server.pause()
    onTestFinished(() => redis.server.resume())

    for (let call = 0; cache.health().redis === 'up'; call += 1) await cache.get(`key-${call}`)
    await isDown
    const timeoutsAtFirst = timeouts
    for (let call = 0; call < 100; call += 1) await cache.get(`later-${call}`)

    expect(timeoutsAtFirst).toBeLessThanOrEqual(6)
    expect(timeouts).toBe(timeoutsAtFirst)
  })

  it('trap 8, read-modify-write: expire() never brings an older value back', async () => {
    const { cache: here, link } = await onGatedRedis({ memory: false, staleIfError: '1h' })
    const elsewhere = await onRedis({ memory: false, staleIfError: '1h' })
    await here.set('key', 'old')
    const expiry = link.holdRequest(named('expire'))
    const pending = here.expire('key')
    await expiry.reached

    await elsewhere.set('key', 'new')
    expiry.release()
    await pending

    const fail = () => Promise.reject(new Error('down'))
    expect(await elsewhere.getOrSet('key', fail)).toBe('new')
  })

  it('trap 9, mistakes with ttl: Redis keeps to the millisecond, memory no longer than Redis', async () => {
    const clock = new FakeClock()
    const [here, elsewhere] = await Promise.all([onRedis({ clock }), onRedis()])
    await elsewhere.set('key', 'v', { ttl: 61_500 })
    const client = admin()
    const remainingMs = await client.pttl(`${namespace}:{key}:v`)
    const nowMs = clock.now()

    await untilInMemory(here, 'key')
    const entry = here.peekEntry('key')

    expect(remainingMs).toBeGreaterThan(61_000)
    expect(remainingMs).toBeLessThanOrEqual(61_500)
    expect(entry?.freshUntilMs).toBeLessThanOrEqual(nowMs + remainingMs + 1)
  })

  it('trap 10, tag counters evicted: what carries the tag is invalid, never valid', async () => {
    const cache = await onRedis({ memory: false })
    await cache.set('key', 'old', { tags: ['t'] })
    await cache.set('other', 'v', { tags: ['u'] })
    await cache.deleteByTag('t')
    await cache.set('young', 'v', { tags: ['u'] })
    const client = admin()

    const records = await client.keys(`${namespace}:*:t:*`)
    if (records.length > 0) await client.del(...records)

    // Nothing at all was invalidated since the young one: no record could say otherwise.
    expect(await cache.getMany(['key', 'other', 'young'])).toEqual([undefined, undefined, 'v'])
  })

  it('trap 10, skew: a process whose clock is wrong by minutes invalidates like any other', async () => {
    const late = await onRedis({ memory: false, clock: new FakeClock(Date.now() - 600_000) })
    const early = await onRedis({ memory: false, clock: new FakeClock(Date.now() + 600_000) })
    await early.set('key', 'old', { tags: ['t'] })

    await late.deleteByTag('t')
    const gone = await early.get('key')
    await late.set('key', 'new', { tags: ['t'] })

    expect([gone, await early.get('key')]).toEqual([undefined, 'new'])
  })

  it('trap 11, clear: it neither lists keys nor flushes, and leaves other caches alone', async () => {
    const cache = await onRedis({ memory: false })
    const neighbours = await Promise.all(
      [`${namespace}2`, `${namespace}*`, `${namespace}:x`, `${namespace}/x`].map((name) =>
        onRedis({ namespace: name, memory: false }),
      ),
    )
    await Promise.all([cache, ...neighbours].map((each) => each.set('key', 'v')))
    const client = admin()
    await client.config('RESETSTAT')

    await cache.clear()
    const used = await client.info('commandstats')

    expect(used).not.toMatch(/cmdstat_(keys|scan|flushall|flushdb)/)
    expect(await cache.has('key')).toBe(false)
    expect(await Promise.all(neighbours.map((each) => each.has('key')))).toEqual(
      neighbours.map(() => true),
    )
  })

  it('trap 15, herd after reconnect: all processes together load a key once', async () => {
    const caches = await Promise.all([1, 2, 3].map(() => onRedis()))
    await redis.server.kill()
    await redis.server.restart()
    await waitUntil(() => caches.every((cache) => cache.health().status === 'ok'), 'all are back')
    let calls = 0
    const load = async () => {
      calls += 1
      return 'v'
    }

    await Promise.all(
      caches.flatMap((cache) => Array.from({ length: 20 }, () => cache.getOrSet('key', load))),
    )

    expect(calls).toBe(1)
  })

  it('trap 16, corrupted values: they are a miss and an event, and written over', async () => {
    const cache = await onRedis({ memory: false })
    const corrupted: string[] = []
    cache.on('corrupted', ({ key }) => corrupted.push(key))
    await cache.set('key', Buffer.from('all of it'))
    const client = admin()
    const name = `${namespace}:{key}:v`
    const entry = (await client.getBuffer(name)) ?? Buffer.alloc(0)
    const spoilt = [entry.subarray(0, -1), Buffer.from('foreign'), Buffer.alloc(0)]

    for (const bytes of spoilt) {
      await client.set(name, bytes)
      expect(await cache.get('key')).toBeUndefined()
    }
    const loaded = await cache.getOrSet('key', () => 'new')

    expect(corrupted.slice(0, 2)).toEqual(['key', 'key'])
    expect([loaded, await cache.get('key')]).toEqual(['new', 'new'])
  })
})
