import { randomBytes } from 'node:crypto'
import { gate } from '@hotpath/testing'
import { Redis } from 'ioredis'
import { beforeEach, describe, expect, it } from 'vitest'
import { type Cache, createCache } from '../../src/index.ts'
import { PATIENT, untilReady, useRedis } from '../support/harness.ts'

const redis = useRedis()
let namespace = ''
let cache: Cache
let admin: Redis

beforeEach(async () => {
  namespace = `test-${randomBytes(6).toString('hex')}`
  cache = createCache({ redis: redis.server.url, namespace, storeTimeout: PATIENT })
  admin = new Redis(redis.server.url)
  await untilReady(cache, true)
  return async () => {
    admin.disconnect()
    await cache.close()
  }
})

const listKey = (): string => `${namespace}:{era}:r`

/** Loads an entry whose tag comes last, while `meanwhile` happens; says whether it was kept. */
async function isKeptWhen(meanwhile: () => Promise<unknown>): Promise<boolean> {
  const load = gate<string>()
  const pending = cache.getOrSet('key', async (ctx) => {
    const value = await load.enter()
    ctx.addTags('mine')
    return value
  })
  await load.entered
  await meanwhile()
  load.open('v')
  await pending
  return cache.has('key')
}

describe('A tag without a record', () => {
  it('was not invalidated while its load ran, if the list of recent invalidations says so', async () => {
    await cache.deleteByTag('before')

    expect(await isKeptWhen(() => cache.deleteByTag('other'))).toBe(true)
  })

  it('was, if the list names it', async () => {
    expect(await isKeptWhen(() => cache.deleteByTag('mine'))).toBe(false)
  })

  it('was expired, if the list names it so: the entry is stale', async () => {
    const stale = { staleWhileRevalidate: '1h' } as const
    const inner = cache.namespace('stale', stale)
    const load = gate<string>()
    const pending = inner.getOrSet('key', async (ctx) => {
      const value = await load.enter()
      ctx.addTags('mine')
      return value
    })
    await load.entered

    await inner.expireByTag('mine')
    load.open('old')
    await pending

    expect(await inner.has('key')).toBe(false)
    expect(await inner.getOrSet('key', () => 'new')).toBe('old')
  })

  it('may have been, if the list was evicted', async () => {
    const isKept = await isKeptWhen(async () => {
      await cache.deleteByTag('mine')
      await admin.del(listKey())
      await cache.deleteByTag('other')
    })

    expect(isKept).toBe(false)
  })

  it('may have been, if more were invalidated since than the list holds', async () => {
    const isKept = await isKeptWhen(async () => {
      await cache.deleteByTag('mine')
      await cache.deleteByTag(...Array.from({ length: 1_500 }, (_, index) => `tag-${index}`))
    })

    expect(isKept).toBe(false)
    expect(await admin.zcard(listKey())).toBe(1_024)
  })

  it('may have been, if the epoch was evicted and counts anew', async () => {
    await cache.deleteByTag(...Array.from({ length: 20 }, (_, index) => `tag-${index}`))
    const isKept = await isKeptWhen(async () => {
      await cache.deleteByTag('mine')
      await admin.del(`${namespace}:{era}:n`)
      await cache.deleteByTag('other')
    })

    expect(isKept).toBe(false)
    expect(await admin.zcard(listKey())).toBe(1)
  })
})
