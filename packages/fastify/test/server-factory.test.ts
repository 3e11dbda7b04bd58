import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { cacheHandler } from '@hotpath/http'
import { waitUntil } from '@hotpath/testing'
import { type FastifyInstance, fastify } from 'fastify'
import { afterEach, describe, expect, it } from 'vitest'
import { SERVED, send } from '../../http/test/harness.ts'

const apps: FastifyInstance[] = []

afterEach(async () => {
  await Promise.all(apps.splice(0).map((app) => app.close()))
})

describe("cacheHandler() as Fastify's serverFactory", () => {
  async function serve(build: (app: FastifyInstance) => void): Promise<number> {
    const app = fastify({
      serverFactory: (handler) =>
        createServer(cacheHandler((req, res) => handler(req, res), { ttl: '1m' })),
      forceCloseConnections: true,
    })
    apps.push(app)
    build(app)
    await app.listen({ host: '127.0.0.1', port: 0 })
    return (app.server.address() as AddressInfo).port
  }

  it('a hit never enters Fastify', async () => {
    let entered = 0
    const port = await serve((app) => {
      app.addHook('onRequest', async () => {
        entered += 1
      })
      app.get('/page', async () => ({ entered }))
    })

    const first = await send(port, '/page')
    const second = await send(port, '/page')

    expect(second.cache).toMatch(SERVED)
    expect(second.text).toBe(first.text)
    expect(entered).toBe(1)
  })

  it('what is stale is fetched anew through Fastify', async () => {
    let runs = 0
    const port = await serve((app) => {
      app.get('/page', async (_request, reply) => {
        runs += 1
        reply.header('Cache-Control', 'max-age=1, stale-while-revalidate=600')
        return `run ${runs}`
      })
    })
    await send(port, '/page')

    const isNew = async (): Promise<boolean> => (await send(port, '/page')).text === 'run 2'

    await waitUntil(isNew, 'the new one is served')
    expect(runs).toBe(2)
  })
})
