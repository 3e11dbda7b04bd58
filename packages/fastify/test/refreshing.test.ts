import type { AddressInfo } from 'node:net'
import compress from '@fastify/compress'
import { cachePlugin } from '@hotpath/fastify'
import { FakeClock, waitUntil } from '@hotpath/testing'
import { type FastifyInstance, fastify } from 'fastify'
import { afterEach, describe, expect, it } from 'vitest'
import { send } from '../../http/test/harness.ts'

const apps: FastifyInstance[] = []

afterEach(async () => {
  await Promise.all(apps.splice(0).map((app) => app.close()))
})

async function serve(app: FastifyInstance): Promise<number> {
  await app.listen({ host: '127.0.0.1', port: 0 })
  return (app.server.address() as AddressInfo).port
}

function createApp(): FastifyInstance {
  const app = fastify({ forceCloseConnections: true })
  apps.push(app)
  return app
}

const options = { ttl: '10s', staleWhileRevalidate: '1m' } as const

describe('staleWhileRevalidate in Fastify', () => {
  it('re-runs a route in a prefix, with its hooks and its serializer', async () => {
    const clock = new FakeClock()
    const app = createApp()
    await app.register(cachePlugin, { ...options, clock })
    let runs = 0
    const hooks: string[] = []
    await app.register(
      async (inner) => {
        inner.addHook('preHandler', async (request) => void hooks.push(request.url))
        inner.addHook('onResponse', async (request) => void hooks.push(request.url))
        inner.get<{ Params: { id: string } }>('/cities/:id', async ({ params, query }) => {
          runs += 1
          return { id: params.id, query, runs }
        })
      },
      { prefix: '/api' },
    )
    const port = await serve(app)
    const path = '/api/cities/7?a=1'
    const first = JSON.parse((await send(port, path)).text)
    clock.advance(15_000)

    const stale = await send(port, path)
    const isNew = async (): Promise<boolean> => JSON.parse((await send(port, path)).text).runs === 2
    await waitUntil(isNew, 'the new one is served')

    expect(stale.cache).toContain('detail=stale-while-revalidate')
    expect(JSON.parse((await send(port, path)).text)).toEqual({ ...first, runs: 2 })
    expect(new Set(hooks)).toEqual(new Set([path]))
    expect(runs).toBe(2)
  })

  it('with compress: each encoding is fetched anew for itself', async () => {
    const clock = new FakeClock()
    const app = createApp()
    await app.register(compress, { threshold: 0 })
    await app.register(cachePlugin, { ...options, clock })
    let runs = 0
    app.get('/page', async (_request, reply) => {
      runs += 1
      return reply.type('text/plain').send(`${runs} ${'all the same '.repeat(500)}`)
    })
    const port = await serve(app)
    const plain = { headers: { 'Accept-Encoding': 'identity' } }
    const zipped = { headers: { 'Accept-Encoding': 'gzip' } }
    for (const sent of [zipped, plain]) await send(port, '/page', sent)
    clock.advance(15_000)

    const stale = [await send(port, '/page', plain), await send(port, '/page', zipped)]
    await waitUntil(() => runs === 4, 'the route has run for both')
    const isNew = async (): Promise<boolean> =>
      (await send(port, '/page', zipped)).cache.includes('; hit; ttl=10')
    await waitUntil(isNew, 'the new one is served')

    expect(stale.map(({ cache }) => cache.includes('stale-while-revalidate'))).toEqual([true, true])
    expect((await send(port, '/page', zipped)).headers['content-encoding']).toBe('gzip')
  })

  it('a route that throws behind ends nothing, and what is stale goes on being served', async () => {
    const clock = new FakeClock()
    const app = createApp()
    await app.register(cachePlugin, { ...options, clock })
    let runs = 0
    app.get('/page', async () => {
      runs += 1
      if (runs > 1) throw new Error('This was thrown by the route')
      return 'old'
    })
    const port = await serve(app)
    await send(port, '/page')
    clock.advance(15_000)

    await send(port, '/page')
    await waitUntil(() => runs === 2, 'the route has run')
    const later = await send(port, '/page')

    expect([later.status, later.text]).toEqual([200, 'old'])
    expect(runs).toBe(2)
  })
})
