import type { AddressInfo } from 'node:net'
import { cachePlugin } from '@hotpath/fastify'
import { deferred, waitUntil } from '@hotpath/testing'
import { type FastifyInstance, fastify } from 'fastify'
import { afterEach, describe, expect, it } from 'vitest'
import { failOnce } from '../../http/test/fail-once.ts'
import { send } from '../../http/test/harness.ts'

let app: FastifyInstance

afterEach(() => app.close())

describe('an answer from the cache that fails in Fastify', () => {
  it('breaks off that request, and reaches nobody else', async () => {
    const entered = deferred()
    const finished = deferred()
    let arrived = 0
    app = fastify({ forceCloseConnections: true })
    app.addHook('onRequest', async (request, reply) => {
      if (request.headers['x-bad'] !== undefined) failOnce(reply.raw)
    })
    const skip = (): boolean => {
      arrived += 1
      return false
    }
    await app.register(cachePlugin, { ttl: '30s', skip })
    app.get('/page', async () => {
      entered.resolve()
      await finished.promise
      return 'page'
    })
    await app.listen({ host: '127.0.0.1', port: 0 })
    const { port } = app.server.address() as AddressInfo
    const bad = { headers: { 'X-Bad': '1' } }
    const own = send(port, '/page')
    await entered.promise
    const follower = send(port, '/page', bad)
    const waiter = send(port, '/page', { headers: { 'X-Bad': '1', 'If-None-Match': '"other"' } })
    const other = send(port, '/page')
    await waitUntil(() => arrived === 4, 'they are all here')

    finished.resolve()
    const waited = await Promise.allSettled([own, follower, waiter, other])
    const hits = await Promise.allSettled([send(port, '/page', bad), send(port, '/page')])

    const ends = [...waited, ...hits].map((end) =>
      end.status === 'fulfilled' ? end.value.text : 'broken off',
    )
    expect(ends).toEqual(['page', 'broken off', 'broken off', 'page', 'broken off', 'page'])
  })
})
