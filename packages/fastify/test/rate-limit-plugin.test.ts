import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { rateLimitPlugin } from '@hotpath/fastify'
import { createRequestLimiter } from '@hotpath/rate-limit'
import { waitUntil } from '@hotpath/testing'
import fastify from 'fastify'
import { describe, expect, it } from 'vitest'
import { requestLimitSuite } from '../../rate-limit/test/http/request-limit-suite.ts'

requestLimitSuite({
  name: 'rateLimitPlugin',
  async start(handler, options) {
    const app = fastify()
    await app.register(rateLimitPlugin, options)
    app.all('/*', (request, reply) => {
      for (const [name, value] of Object.entries(reply.getHeaders())) {
        reply.raw.setHeader(name, value as string)
      }
      reply.hijack()
      void handler(request.raw, reply.raw)
    })
    await app.listen({ port: 0, host: '127.0.0.1' })
    return {
      port: (app.server.address() as AddressInfo).port,
      limiter: app.rateLimiter,
      async close() {
        app.server.closeAllConnections()
        await app.close()
      },
    }
  },
})

describe('rateLimitPlugin in Fastify', () => {
  it("a route's own limits are counted apart, and false means none", async () => {
    const app = fastify()
    await app.register(rateLimitPlugin, { limit: 2, window: '1h' })
    app.get('/common', () => 'ok')
    app.get('/own', { config: { rateLimit: { limit: 1, window: '1h' } } }, () => 'ok')
    app.get('/free', { config: { rateLimit: false } }, () => 'ok')

    const statuses = []
    for (const url of [
      '/own',
      '/own',
      '/common',
      '/common',
      '/common',
      '/free',
      '/free',
      '/free',
    ]) {
      statuses.push((await app.inject(url)).statusCode)
    }
    await app.close()

    expect(statuses).toEqual([200, 429, 200, 200, 429, 200, 200, 200])
  })

  it('wrong options of a route fail it', async () => {
    const app = fastify()
    await app.register(rateLimitPlugin, { limit: 2, window: '1h' })

    expect(() =>
      app.get('/own', { config: { rateLimit: { limit: -1, window: '1h' } } }, () => 'ok'),
    ).toThrow(/config.rateLimit: .*limit: found -1/)
    await app.close()
  })

  it('apps that are given the same limits share their counts', async () => {
    const limits = createRequestLimiter({ limit: 2, window: '1h' })
    const apps = [fastify(), fastify()]
    for (const app of apps) {
      await app.register(rateLimitPlugin, { limits, global: false })
      app.get('/limited', { config: { rateLimit: limits } }, () => 'ok')
      app.get('/free', () => 'ok')
    }

    const statuses = []
    for (const app of [...apps, ...apps]) {
      statuses.push((await app.inject('/limited')).statusCode)
      expect((await app.inject('/free')).statusCode).toBe(200)
    }
    await Promise.all(apps.map((app) => app.close()))
    await limits.close()

    expect(statuses).toEqual([200, 200, 429, 429])
  })

  it.each([true, null, 5, 'strict'])(
    'a route whose limit is %j is refused by name',
    async (wrong) => {
      const app = fastify()
      await app.register(rateLimitPlugin, { limit: 2, window: '1h' })

      expect(() => app.get('/own', { config: { rateLimit: wrong as never } }, () => 'ok')).toThrow(
        /config.rateLimit: options: found .*, wanted an object/,
      )
      await app.close()
    },
  )

  it('limits routes made before it, or while it was not awaited', async () => {
    const app = fastify()
    app.get('/before', () => 'ok')
    const own = { rateLimit: { limit: 2, window: '1h' } } as const
    app.get('/own', { config: own }, () => 'ok')
    app.get('/free', { config: { rateLimit: false } }, () => 'ok')
    void app.register(rateLimitPlugin, { limit: 1, window: '1h' })
    app.get('/behind', () => 'ok')

    const statuses: Record<string, number[]> = {}
    for (const url of ['/before', '/own', '/free', '/behind']) {
      statuses[url] = []
      for (let n = 0; n < 3; n += 1) statuses[url].push((await app.inject(url)).statusCode)
      await app.rateLimiter.reset('127.0.0.1')
    }
    await app.close()

    expect(statuses).toEqual({
      '/before': [200, 429, 429],
      '/own': [200, 200, 429],
      '/free': [200, 200, 200],
      '/behind': [200, 429, 429],
    })
  })

  it('limits what has no route, so that nobody searches for one', async () => {
    const app = fastify()
    await app.register(rateLimitPlugin, { limit: 1, window: '1h' })

    const statuses = [await app.inject('/a'), await app.inject('/b')]
    await app.close()

    expect(statuses.map(({ statusCode }) => statusCode)).toEqual([404, 429])
  })

  it('charges a request once, wherever its route was made', async () => {
    const app = fastify()
    app.get('/before', () => 'ok')
    await app.register(rateLimitPlugin, { limit: 10, window: '1h' })
    app.get('/after', () => 'ok')

    const left = []
    for (const method of ['GET', 'HEAD'] as const) {
      for (const url of ['/before', '/after']) {
        left.push((await app.inject({ method, url })).headers.ratelimit)
      }
    }
    await app.close()

    expect(left.map((field) => /r=(\d+)/.exec(String(field))?.[1])).toEqual(['9', '8', '7', '6'])
  })

  it("HEAD and GET share a route's own limit", async () => {
    const app = fastify()
    await app.register(rateLimitPlugin, { limit: 10, window: '1h' })
    app.get('/own', { config: { rateLimit: { limit: 1, window: '1h' } } }, () => 'ok')

    const replies = [await app.inject('/own'), await app.inject({ method: 'HEAD', url: '/own' })]
    await app.close()

    expect(replies.map(({ statusCode }) => statusCode)).toEqual([200, 429])
  })

  it.each([
    { limit: 0, window: '1h' },
    { limit: 1, window: '1h', denyList: ['10.0.0.0/99'] },
    { limit: 1, window: '1h', trustProxy: 'somebody' },
  ] as const)('wrong options, %j, leave no connection to Redis open', async (options) => {
    const open = new Set<Socket>()
    const server = createServer((socket) => {
      open.add(socket)
      socket.on('close', () => open.delete(socket)).on('error', () => {})
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const { port } = server.address() as AddressInfo
    const knock = async (): Promise<void> => {
      const visit = connect(port, '127.0.0.1')
      visit.resume()
      await once(visit, 'connect')
      visit.destroy()
    }
    const app = fastify()

    const redis = `redis://127.0.0.1:${port}`
    await expect(app.register(rateLimitPlugin, { redis, ...options })).rejects.toThrow(
      /ERR_OPTION_INVALID/,
    )

    // Who came before us has been let in when we have.
    await knock()
    await knock()
    await waitUntil(() => open.size === 0, 'nobody is connected')
    server.close()
    expect(open.size).toBe(0)
  })
})
