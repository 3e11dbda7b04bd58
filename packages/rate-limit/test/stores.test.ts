import { createServer } from 'node:http'
import fastifyRateLimit from '@fastify/rate-limit'
import { type RedisServer, startRedis, waitUntil } from '@hotpath/testing'
import express from 'express'
import { rateLimit } from 'express-rate-limit'
import fastify from 'fastify'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
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
