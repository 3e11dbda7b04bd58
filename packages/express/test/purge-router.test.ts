import { createServer } from 'node:http'
import { cacheMiddleware, purgeRouter } from '@hotpath/express'
import express from 'express'
import { describe, expect, it } from 'vitest'
import { closeServer, listen, send } from '../../http/test/harness.ts'
import {
  type PurgeDriver,
  purgeEndpointSuite,
} from '../../http/test/purging/purge-endpoint-suite.ts'

const driver: PurgeDriver = {
  name: 'purgeRouter()',
  async start(handler, options, wrap) {
    const cached = cacheMiddleware()
    const { responseCache } = cached
    const purge = wrap?.((...order) => responseCache.purge(...order))
    const given = purge === undefined ? responseCache : { ...responseCache, purge }
    const app = express()
    app.use(purgeRouter({ ...options, responseCache: given }))
    app.use(cached)
    app.use((req, res) => void handler(req, res))
    app.use(((_error, _req, res, _next) => {
      res.status(500).end()
    }) satisfies express.ErrorRequestHandler)
    const server = createServer(app)
    const port = await listen(server)
    return { port, close: () => closeServer(server) }
  },
}

purgeEndpointSuite(driver)

describe('purgeRouter() in Express', () => {
  it('takes what express.json() has read before it', async () => {
    const { responseCache } = cacheMiddleware()
    const app = express()
    app.use(express.json())
    app.use(purgeRouter({ responseCache, authorize: () => true }))
    const server = createServer(app)
    const port = await listen(server)

    const headers = { 'Content-Type': 'application/json' }
    const reply = await send(port, '/purge', { method: 'POST', headers, body: '{"url":"/"}' })
    await closeServer(server)

    expect(reply.text).toBe('{"applied":"local"}')
  })

  it.each<[string, string | undefined, string]>([
    ['/admin', undefined, '/admin/purge'],
    ['/admin', '/admin/purge', '/admin/purge'],
    ['/purge', undefined, '/purge'],
  ])('mounted at %s with the path %s it answers POST %s', async (mount, path, target) => {
    const { responseCache } = cacheMiddleware()
    const app = express()
    app.use(mount, purgeRouter({ responseCache, authorize: () => true, path }))
    const server = createServer(app)
    const port = await listen(server)

    const headers = { 'Content-Type': 'application/json' }
    const reply = await send(port, target, { method: 'POST', headers, body: '{"url":"/"}' })
    await closeServer(server)

    expect(reply.text).toBe('{"applied":"local"}')
  })
})
