import type { AddressInfo } from 'node:net'
import { cachePlugin, purgePlugin } from '@hotpath/fastify'
import { fastify } from 'fastify'
import { describe, expect, it } from 'vitest'
import { purgeEndpointSuite } from '../../http/test/purging/purge-endpoint-suite.ts'

purgeEndpointSuite({
  name: 'purgePlugin',
  async start(handler, options, wrap) {
    const app = fastify({ forceCloseConnections: true })
    await app.register(cachePlugin)
    const { responseCache } = app
    const purge = wrap?.((...order) => responseCache.purge(...order))
    const own = purge === undefined ? {} : { responseCache: { ...responseCache, purge } }
    await app.register(purgePlugin, { ...options, ...own })
    app.all('*', (request, reply) => {
      reply.hijack()
      void handler(request.raw, reply.raw)
    })
    await app.listen({ host: '127.0.0.1', port: 0 })
    return { port: (app.server.address() as AddressInfo).port, close: () => app.close() }
  },
})

describe('purgePlugin in Fastify', () => {
  it('fails its registration without authorize()', async () => {
    const app = fastify()
    await app.register(cachePlugin)

    const registered = app.register(purgePlugin, {} as never)

    await expect(registered).rejects.toThrow('purgePlugin: authorize: found undefined')
    await app.close()
  })

  it('fails its registration by an option that is none, and not by what register() takes', async () => {
    const app = fastify()
    await app.register(cachePlugin)
    const authorize = (): boolean => true

    const registered = app.register(purgePlugin, {
      authorize,
      logLevel: 'warn',
      paht: '/x',
    } as never)

    await expect(registered).rejects.toThrow(/^purgePlugin: .*paht/)
    await expect(registered).rejects.not.toThrow('logLevel')
    await app.close()
  })
})
