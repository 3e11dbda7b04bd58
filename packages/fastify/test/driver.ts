import type { AddressInfo } from 'node:net'
import { cachePlugin } from '@hotpath/fastify'
import { fastify } from 'fastify'
import type { Driver } from '../../http/test/harness.ts'

/** The suite's handler behind the plugin, on Node's own response. */
export const fastifyDriver: Driver = {
  name: 'cachePlugin',
  async start(handler, options) {
    const app = fastify({ forceCloseConnections: true })
    app.addHttpMethod('M-SEARCH')
    await app.register(cachePlugin, options)
    app.all('*', (request, reply) => {
      reply.hijack()
      void handler(request.raw, reply.raw)
    })
    await app.listen({ host: '127.0.0.1', port: 0 })
    return {
      port: (app.server.address() as AddressInfo).port,
      responses: app.responseCache,
      close: () => app.close(),
    }
  },
}
