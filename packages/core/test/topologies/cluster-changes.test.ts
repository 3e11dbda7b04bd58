import { randomBytes } from 'node:crypto'
import type { RedisServer } from '@hotpath/testing'
import { waitUntil } from '@hotpath/testing'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { type Cache, type CacheOptions, createCache } from '../../src/index.ts'
import { PATIENT, untilEvent, untilReady } from '../support/harness.ts'
import { type Actor, History } from '../support/history.ts'
import { asInput, ask, MAJORS, type Major, openCluster, useCluster } from './sites.ts'

const redis = useCluster({ replicas: 1 })
let namespace = ''

beforeEach(() => {
  namespace = `test-${randomBytes(6).toString('hex')}`
})

/** A process with a client of its own. */
async function open(major: Major, options: CacheOptions = {}): Promise<Cache> {
  const client = openCluster(redis.cluster, major)
  const cache = createCache({
    redis: asInput(client),
    namespace,
    storeTimeout: PATIENT,
    ...options,
  })
  onTestFinished(async () => {
    await cache.close()
    client.disconnect()
  })
  await untilReady(cache, options.memory !== false)
  return cache
}

async function untilInMemory(cache: Cache, key: string): Promise<void> {
  await waitUntil(async () => {
    await cache.get(key)
    return cache.peek(key) !== undefined
  }, `${key} is in memory`)
}

/** How many connections listen for changes on a server. */
async function countListeners(server: RedisServer): Promise<number> {
  const clients = String(await ask(server, 'CLIENT', ['LIST']))
  return clients.split('\n').filter((line) => / flags=[^ ]*t/.test(line)).length
}

/** What another program does, by the name that the value has in Redis. */
async function deleteAt(server: RedisServer, key: string): Promise<unknown> {
  const name = `${namespace}:{${key}}:v`
  return await ask(server, 'DEL', [name], { isAsking: true })
}

/** The master that has a key's slot, and one that has not. */
async function ownerAndOther(key: string) {
  const slot = await redis.cluster.slotOf(key)
  const owner = await redis.cluster.ownerOf(slot)
  const other = (await redis.cluster.masters()).find((master) => master !== owner) as RedisServer
  return { slot, owner, other }
}

describe.each(MAJORS)('By %s memory', (major) => {
  it('listens to every master once', async () => {
    const before = await Promise.all((await redis.cluster.masters()).map(countListeners))

    await open(major)
    const after = await Promise.all((await redis.cluster.masters()).map(countListeners))

    expect(after).toEqual(before.map((count) => count + 1))
  })

  it('hears what is deleted where its slot has moved to', async () => {
    const { owner, other } = await ownerAndOther('key')
    const [a, b] = await Promise.all([open(major), open(major)])
    await a.set('key', 'old')
    await untilInMemory(b, 'key')

    await redis.cluster.moveKey('key', other)
    await untilInMemory(b, 'key')
    await a.delete('key')

    await waitUntil(() => b.peek('key') === undefined, 'the delete has been heard')
    expect(await b.get('key')).toBeUndefined()
    await redis.cluster.moveKey('key', owner)
  })

  it('drops what it holds when a replica takes over from a master, and follows again', async () => {
    const { owner } = await ownerAndOther('key')
    const [a, b] = await Promise.all([open(major), open(major)])
    await a.set('key', 'old')
    await untilInMemory(b, 'key')
    const lost = untilEvent(b, 'coherence', ({ isArmed }) => !isArmed)
    const back = untilEvent(b, 'coherence', ({ isArmed }) => isArmed)

    const master = await redis.cluster.switchOver(owner)
    await lost
    await back
    const held = b.peek('key')

    expect(held).toBeUndefined()
    expect(await countListeners(master)).toBeGreaterThan(0)
    await untilInMemory(b, 'key')
    await a.delete('key')
    await waitUntil(() => b.peek('key') === undefined, 'the delete has been heard')
  })
})

describe('A master that joins', () => {
  it('is listened to before it owns anything: keys on their way to it are there already', async () => {
    const [a, b] = await Promise.all([open('ioredis 6'), open('ioredis 6')])
    await a.set('key', 'old')
    await untilInMemory(b, 'key')
    const back = untilEvent(b, 'coherence', ({ isArmed }) => isArmed)
    const joined = await redis.cluster.addMaster()
    await back
    const { slot } = await ownerAndOther('key')

    const move = await redis.cluster.beginMove(slot, joined)
    await move.moveKeys()
    await untilInMemory(b, 'key')
    await deleteAt(joined, 'key')

    await waitUntil(() => b.peek('key') === undefined, 'the delete has been heard')
    expect(await b.get('key')).toBeUndefined()
    await move.finish()
  })
})

describe('While a slot is stuck half-way', () => {
  it('its keys are read where they are, and a delete that Redis refuses is made up for', async () => {
    const { slot, owner, other } = await ownerAndOther('stuck')
    const options = { storeTimeout: 250 }
    const [a, b] = await Promise.all([open('ioredis 6', options), open('ioredis 6', options)])
    const reader = await open('ioredis 6', { memory: false })
    await a.set('stuck', 'old')
    await untilInMemory(b, 'stuck')
    const move = await redis.cluster.beginMove(slot, other)

    const left = await reader.get('stuck')
    await move.moveKeys()
    const moved = await reader.get('stuck')
    const answer = await a.delete('stuck')
    const meanwhile = await a.get('stuck')
    await move.finish()
    await waitUntil(() => a.health().status === 'ok', 'the journal is empty')

    expect([left, moved]).toEqual(['old', 'old'])
    expect(answer).toEqual({ applied: 'queued' })
    expect(meanwhile).toBeUndefined()
    expect([await reader.get('stuck'), await b.get('stuck')]).toEqual([undefined, undefined])
    await redis.cluster.moveSlot(slot, owner)
  })
})

describe('While slots move during traffic', () => {
  it.each(MAJORS)(
    'by %s nothing stale is read after an acknowledged delete, and no call is rejected',
    async (major) => {
      const actor = async (name: string, options: CacheOptions = {}): Promise<Actor> => ({
        name,
        cache: await open(major, { ttl: '1h', storeTimeout: 250, ...options }),
        seesAll: options.memory === false,
      })
      const actors = await Promise.all([
        actor('one'),
        actor('two'),
        actor('three', { memory: false }),
        actor('four', { memory: false }),
      ])
      const history = new History(actors, 7)
      let isOver = false
      let moves = 0

      const traffic = history.run(12, 120).finally(() => {
        isOver = true
      })
      // Those of the keys, and that of the tags and eras.
      for (let round = 0; !isOver || round < 3; round += 1) {
        for (const key of ['era', 'a', 'b', 'c', 'd']) {
          const { slot, other } = await ownerAndOther(key)
          await redis.cluster.moveSlot(slot, other)
          moves += 1
        }
      }
      await traffic

      expect(moves).toBeGreaterThanOrEqual(15)
      expect(history.reads).toBeGreaterThan(700)
      expect(history.violations).toEqual([])
      expect(history.failures).toEqual([])
      const states = () => actors.map(({ cache }) => cache.health().status)
      await waitUntil(() => states().every((status) => status === 'ok'), 'all is well again')
    },
  )
})
