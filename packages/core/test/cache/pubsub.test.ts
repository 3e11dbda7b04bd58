import { randomBytes } from 'node:crypto'
import { waitUntil } from '@hotpath/testing'
import { Redis } from 'ioredis'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { type Cache, type CacheEvents, type CacheOptions, createCache } from '../../src/index.ts'
import { untilEvent, untilReady, useRedis } from '../support/harness.ts'

const redis = useRedis()
let namespace = ''

beforeEach(() => {
  namespace = `test-${randomBytes(6).toString('hex')}`
})

async function admin(): Promise<Redis> {
  const client = new Redis(redis.server.url)
  onTestFinished(() => client.disconnect())
  return client
}

/** A user whom the server allows everything but `denied`. */
async function urlOfUser(...denied: string[]): Promise<string> {
  const name = `user-${randomBytes(4).toString('hex')}`
  const client = await admin()
  await client.call('ACL', 'SETUSER', name, 'on', '>secret', '~*', '&*', '+@all', ...denied)
  const { host, port } = redis.server
  return `redis://${name}:secret@${host}:${port}`
}

function open(options: CacheOptions): { cache: Cache; changes: CacheEvents['coherence'][] } {
  const cache = createCache({ namespace, ...options })
  onTestFinished(() => cache.close())
  const changes: CacheEvents['coherence'][] = []
  cache.on('coherence', (change) => changes.push(change))
  return { cache, changes }
}

/** Whether Redis is told of what changes on the channel of pub/sub. */
async function listen(): Promise<string[]> {
  const client = await admin()
  const heard: string[] = []
  client.on('message', (_, message: string) => heard.push(message))
  await client.subscribe(`${namespace}:{era}:c`)
  return heard
}

describe('Where Redis allows no subscription', () => {
  it('memory does not turn to pub/sub, which would need one as well', async () => {
    const { cache, changes } = open({ redis: await urlOfUser('-subscribe') })
    const change = await untilEvent(cache, 'coherence')

    expect(change).toMatchObject({ isArmed: false, mode: 'tracking' })
    expect(changes).toHaveLength(1)
  })
})

describe('Where Redis does not allow CLIENT TRACKING', () => {
  it.each([
    ['the subcommand', ['-client|tracking']],
    ['all of CLIENT', ['-client']],
  ])('(%s), memory follows by pub/sub, and an event says so', async (_, denied) => {
    const url = await urlOfUser(...denied)
    const here = open({ redis: url })
    const there = open({ redis: url })
    await Promise.all([untilReady(here.cache, true), untilReady(there.cache, true)])
    await here.cache.set('key', 'old')
    await waitUntil(async () => {
      await there.cache.get('key')
      return there.cache.peek('key') === 'old'
    }, 'the value is in memory')

    await here.cache.delete('key')

    await waitUntil(() => there.cache.peek('key') === undefined, 'it has heard of the delete')
    expect(here.changes.map(({ isArmed, mode }) => [isArmed, mode])).toEqual([
      [false, 'pubsub'],
      [true, 'pubsub'],
    ])
    expect(String(here.changes[0]?.error)).toContain('NOPERM')
  })

  it('nor PUBLISH, memory serves nothing that it cannot vouch for, and goes on trying', async () => {
    const { cache, changes } = open({
      redis: await urlOfUser('-client|tracking', '-publish'),
      coherenceGrace: 0,
    })
    await untilEvent(cache, 'coherence')
    await cache.set('key', 'v')
    const inRedis = await cache.getEntry('key')

    expect(inRedis).toMatchObject({ value: 'v', tier: 'redis' })
    expect(cache.peek('key')).toBeUndefined()
    expect(changes.some(({ isArmed }) => isArmed)).toBe(false)
  })
})

describe('Changes are published', () => {
  it('where memory follows by pub/sub, in the step that makes them', async () => {
    const { cache } = open({ redis: redis.server.url, coherence: 'pubsub' })
    await untilReady(cache, true)
    await cache.get('first')
    const heard = await listen()

    await cache.set('key', 'v', { tags: ['t'] })
    await cache.expire('key')
    await cache.delete('key')
    await cache.deleteByTag('t')
    await cache.clear()

    await waitUntil(() => heard.length >= 5, 'all of them have been heard of')
    expect(heard).toEqual(
      ['{key}:v', '{key}:v', '{key}:v', '{era}:t:t', '{era}:e'].map((key) => `${namespace}:${key}`),
    )
  })

  it('where it follows by tracking, for others may be refused that, now or later', async () => {
    const tracking = open({ redis: redis.server.url })
    const refused = open({ redis: await urlOfUser('-client|tracking') })
    await Promise.all([untilReady(tracking.cache, true), untilReady(refused.cache, true)])
    for (const [writer, reader] of [
      [tracking.cache, refused.cache],
      [refused.cache, tracking.cache],
    ] as const) {
      await writer.set('key', 'old')
      await waitUntil(async () => {
        await reader.get('key')
        return reader.peek('key') === 'old'
      }, 'the value is in memory')

      await writer.delete('key')

      await waitUntil(() => reader.peek('key') === undefined, 'the other has heard of it')
    }
    expect([tracking.cache.health().coherence, refused.cache.health().coherence]).toEqual([
      'armed',
      'armed',
    ])
  })

  it('by who has no memory, for others may follow so', async () => {
    const { cache } = open({ redis: redis.server.url, memory: false })
    const heard = await listen()

    await cache.set('key', 'v')

    await waitUntil(() => heard.includes(`${namespace}:{key}:v`), 'it has been heard of')
  })
})
