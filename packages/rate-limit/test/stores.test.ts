import { createServer } from 'node:http'
import fastifyRateLimit from '@fastify/rate-limit'
import { type RedisServer, startRedis, waitUntil } from '@hotpath/testing'
import express from 'express'
import { rateLimit } from 'express-rate-limit'
import fastify from 'fastify'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { closeServer, listen, send } from '../../http/test/harness.ts'
import { ExpressRateLimitStore } from '../src/express-rate-limit.ts'
import { FastifyRateLimitStore } from '../src/fastify-rate-limit.ts'
import type { HitStoreOptions } from '../src/hit-counter.ts'

let server: RedisServer
let namespaces = 0

beforeAll(async () => {
  server = await startRedis()
})

afterAll(() => server.stop())

for (const place of ['memory', 'Redis'] as const) {
  const options = (): HitStoreOptions => {
    namespaces += 1
    const namespace = `stores-${process.pid}-${namespaces}`
    return place === 'Redis' ? { namespace, redis: server.url, storeTimeout: 5_000 } : { namespace }
  }

  describe(`ExpressRateLimitStore in ${place}, under express-rate-limit`, () => {
    it('refuses past the limit, and takes back what failed', async () => {
      const store = new ExpressRateLimitStore(options())
      const app = express()
      app.use(rateLimit({ windowMs: 3_600_000, limit: 2, store, skipFailedRequests: true }))
      app.get('/fails', (_req, res) => void res.status(500).end())
      app.get('/', (_req, res) => void res.end('ok'))
      const http = createServer(app)
      const port = await listen(http)

      await send(port, '/fails')
      await waitUntil(async () => (await store.get('127.0.0.1')) === undefined, 'it is taken back')
      const statuses = []
      for (let n = 0; n < 3; n += 1) statuses.push((await send(port, '/')).status)
      await store.resetKey('127.0.0.1')
      const after = await send(port, '/')
      await closeServer(http)
      await store.shutdown()

      expect(statuses).toEqual([200, 200, 429])
      expect(after.status).toBe(200)
    })

    it('resetKey() forgets one client, resetAll() all of this namespace and nobody else', async () => {
      const [store, other] = [
        new ExpressRateLimitStore(options()),
        new ExpressRateLimitStore(options()),
      ]
      for (const one of [store, other]) {
        one.init({ windowMs: 3_600_000 })
        for (let n = 0; n < 50; n += 1) await one.increment(`client-${n}`)
      }
      await store.resetKey('client-0')
      const afterOne = [await store.get('client-0'), await store.get('client-1')]

      await store.resetAll()

      const left = await Promise.all(Array.from({ length: 50 }, (_, n) => store.get(`client-${n}`)))
      const elsewhere = await other.get('client-1')
      await Promise.all([store.shutdown(), other.shutdown()])
      expect(afterOne.map((info) => info?.totalHits)).toEqual([undefined, 1])
      expect(left.filter((info) => info !== undefined)).toEqual([])
      expect(elsewhere?.totalHits).toBe(1)
    })

    it.each(['fixed-window', 'sliding-window', 'sliding-log'] as const)(
      '%s: each decrement takes one hit back, and none below nothing',
      async (algorithm) => {
        const store = new ExpressRateLimitStore({ ...options(), algorithm })
        store.init({ windowMs: 3_600_000 })
        for (let n = 0; n < 5; n += 1) await store.increment('client')

        const left = []
        for (let n = 0; n < 7; n += 1) {
          await store.decrement('client')
          left.push((await store.get('client'))?.totalHits ?? 0)
        }
        await store.shutdown()

        expect(left).toEqual([4, 3, 2, 1, 0, 0, 0])
      },
    )

    it('says when the window ends', async () => {
      const store = new ExpressRateLimitStore(options())
      store.init({ windowMs: 3_600_000 })

      const { totalHits, resetTime } = await store.increment('client')
      const again = await store.increment('client')
      await store.shutdown()

      expect([totalHits, again.totalHits]).toEqual([1, 2])
      expect(resetTime?.getTime()).toBeGreaterThan(Date.now() + 3_500_000)
    })
  })

  describe(`FastifyRateLimitStore in ${place}, under @fastify/rate-limit`, () => {
    it('refuses past the limit, routes with their own counted apart', async () => {
      const app = fastify()
      const store = FastifyRateLimitStore.with(options())
      await app.register(fastifyRateLimit, { max: 2, timeWindow: '1 hour', store })
      app.get('/', () => 'ok')
      app.get('/own', { config: { rateLimit: { max: 1 } } }, () => 'ok')

      const statuses = []
      for (const url of ['/own', '/own', '/', '/', '/']) {
        statuses.push((await app.inject(url)).statusCode)
      }
      await app.close()

      expect(statuses).toEqual([200, 429, 200, 200, 429])
    })
  })
}

describe('stores while Redis is away', () => {
  let faulty: RedisServer
  beforeEach(async () => {
    faulty = await startRedis({ faults: true })
  })
  afterEach(() => faulty.stop())

  it("count here, and a decrement of what is in Redis is nobody's trouble", async () => {
    const store = new ExpressRateLimitStore({ redis: faulty.url })
    await store.increment('client')
    await faulty.kill()

    await store.decrement('client')
    const counts = [await store.increment('client'), await store.increment('client')]
    await store.shutdown()

    expect(counts.map(({ totalHits }) => totalHits)).toEqual([1, 2])
  })

  it("reject where onStoreError is 'throw'", async () => {
    const store = new ExpressRateLimitStore({ redis: faulty.url, onStoreError: 'throw' })
    await store.increment('client')
    await faulty.kill()

    await expect(store.increment('client')).rejects.toThrow(/ERR_REDIS_/)
    await store.shutdown()
  })
})
