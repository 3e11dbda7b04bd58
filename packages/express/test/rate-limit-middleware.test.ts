import { createServer } from 'node:http'
import { rateLimitMiddleware } from '@hotpath/express'
import { createRequestLimiter } from '@hotpath/rate-limit'
import express from 'express'
import { describe, expect, it } from 'vitest'
import { closeServer, listen, send } from '../../http/test/harness.ts'
import { requestLimitSuite } from '../../rate-limit/test/http/request-limit-suite.ts'

requestLimitSuite({
  name: 'rateLimitMiddleware()',
  async start(handler, options) {
    const middleware = rateLimitMiddleware(options)
    const app = express()
    app.set('env', 'test')
    app.use(middleware)
    app.use((req, res) => void handler(req, res))
    const server = createServer(app)
    const port = await listen(server)
    return {
      port,
      limiter: middleware.limiter,
      async close() {
        await closeServer(server)
        await middleware.limiter.close()
      },
    }
  },
})

describe('rateLimitMiddleware() in Express', () => {
  it('limits an app, a router and a route, each by its own count', async () => {
    const app = express()
    app.use(rateLimitMiddleware({ name: 'app', limit: 3, window: '1h' }))
    const router = express.Router()
    router.use(rateLimitMiddleware({ name: 'router', limit: 2, window: '1h' }))
    router.get('/page', (_req, res) => void res.send('page'))
    app.use('/router', router)
    app.get(
      '/route',
      rateLimitMiddleware({ name: 'route', limit: 1, window: '1h' }),
      (_req, res) => void res.send('route'),
    )
    const server = createServer(app)
    const port = await listen(server)

    const replies = []
    for (const path of ['/route', '/route', '/router/page', '/router/page']) {
      replies.push(await send(port, path))
    }
    await closeServer(server)

    expect(replies.map(({ status }) => status)).toEqual([200, 429, 200, 429])
    expect(replies[0]?.headers['ratelimit-policy']).toBe('"app";q=3;w=3600, "route";q=1;w=3600')
    expect(replies[3]?.headers['ratelimit-policy']).toBe('"app";q=3;w=3600')
  })

  it('apps that are given the same limits share their counts', async () => {
    const limits = createRequestLimiter({ limit: 2, window: '1h' })
    const servers = [0, 1].map(() =>
      createServer(express().use(rateLimitMiddleware(limits), (_req, res) => void res.send('ok'))),
    )
    const ports = await Promise.all(servers.map(listen))

    const statuses = []
    for (const port of [...ports, ...ports]) statuses.push((await send(port, '/')).status)
    await Promise.all(servers.map(closeServer))
    await limits.close()

    expect(statuses).toEqual([200, 200, 429, 429])
  })
})
