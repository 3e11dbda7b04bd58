import { randomBytes } from 'node:crypto'
import { collectUnhandledRejections, type RedisServer, waitUntil } from '@hotpath/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type Cache, createCache, type RedisInput } from '../../src/index.ts'
import { untilReady } from '../support/harness.ts'
import { ask } from './sites.ts'
import { startTraffic } from './traffic.ts'

/** Servers of which one can be lost and another takes its place. */
export interface FailoverSite {
  /** A client of the test's own, or what makes the cache open one. */
  connect(): { redis: RedisInput; disconnect(): void }
  /** The master that has both a key and the record of every tag. */
  findMaster(key: string): Promise<RedisServer>
  /** Kills it if that has not been done, and has another take its place. */
  failover(master: RedisServer): Promise<void>
}

/** In the slot next to that of eras and tags, so one master has both. */
const KEY = 'c'

/**
 * What can be promised when a master is lost.
 *
 * Replication is asynchronous: what the old master has acknowledged and not yet passed on is lost,
 * an invalidation as well as a write, and no client can tell. So the test waits for the replica
 * before it kills the master, and looks afterwards at what was acknowledged as `queued`.
 */
export function describeFailover(name: string, site: FailoverSite): void {
  describe(name, () => {
    it('loses its master during traffic: no call is rejected, what was queued is in effect, and memory follows again', async () => {
      const rejections = collectUnhandledRejections()
      const namespace = `test-${randomBytes(6).toString('hex')}`
      const [a, b] = await Promise.all([open(site, namespace), open(site, namespace)])
      await a.set(KEY, 'old')
      await a.set('tagged', 'old', { tags: ['t'] })
      await Promise.all([untilInMemory(b, KEY), untilInMemory(b, 'tagged')])
      const traffic = startTraffic([a, b])
      const master = await site.findMaster(KEY)
      await ask(master, 'WAIT', ['1', '5000'])

      await master.kill()
      const answers = await Promise.all([a.delete(KEY), a.deleteByTag('t')])
      const here = [await a.get(KEY), await a.get('tagged')]
      await site.failover(master)
      await untilWell(a, b)
      const rejected = await traffic.stop()

      expect(answers).toEqual([{ applied: 'queued' }, { applied: 'queued' }])
      expect(here).toEqual([undefined, undefined])
      expect(rejected).toEqual([])
      expect([await b.get(KEY), await b.get('tagged')]).toEqual([undefined, undefined])
      await expectInUse(a, b)
      expect(await rejections.stop()).toEqual([])
    })
  })
}

async function open(site: FailoverSite, namespace: string): Promise<Cache> {
  const { redis, disconnect } = site.connect()
  const cache = createCache({ redis, namespace, ttl: '1h' })
  onTestFinished(async () => {
    await cache.close()
    disconnect()
  })
  await untilReady(cache, true)
  return cache
}

async function untilInMemory(cache: Cache, key: string): Promise<void> {
  await waitUntil(async () => {
    await cache.get(key)
    return cache.peek(key) !== undefined
  }, `${key} is in memory`)
}

async function untilWell(...caches: Cache[]): Promise<void> {
  const areWell = () => caches.every((cache) => cache.health().status === 'ok')
  await waitUntil(areWell, 'Redis is used again and has heard all that it missed')
}

/** What one writes the other reads from Redis, and it hears when that is deleted. */
async function expectInUse(a: Cache, b: Cache): Promise<void> {
  const keys = ['after-1', 'after-2', 'after-3', KEY]
  for (const key of keys) {
    await waitUntil(async () => {
      await a.set(key, 'new')
      return (await b.get(key)) === 'new'
    }, `${key} is shared again`)
    await untilInMemory(b, key)
    expect(await a.delete(key)).toEqual({ applied: 'everywhere' })
    await waitUntil(() => b.peek(key) === undefined, `the delete of ${key} has been heard`)
    expect(await b.get(key)).toBeUndefined()
  }
}
