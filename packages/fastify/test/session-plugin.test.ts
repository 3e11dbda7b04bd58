import { sessionPlugin } from '@hotpath/fastify'
import fastify from 'fastify'
import { useRedis } from '../../session/test/harness.ts'
import { outageSuite } from '../../session/test/outage-suite.ts'
import { type SessionDriver, sessionSuite } from '../../session/test/session-suite.ts'

const driver: SessionDriver = {
  name: 'sessionPlugin()',
  async start(handler, sessions) {
    const app = fastify({ forceCloseConnections: true })
    await app.register(sessionPlugin, { sessions })
    app.all('*', async (request, reply) => {
      const { session, raw: req } = request
      const visit = { session, sessions: request.sessions, path: request.url, req, res: reply.raw }
      const body = await handler(visit)
      if (body === undefined) reply.hijack()
      else await reply.type('application/json').send(JSON.stringify(body))
    })
    const address = await app.listen({ port: 0, host: '127.0.0.1' })
    return { port: Number(new URL(address).port), close: () => app.close() }
  },
}

const redis = useRedis()
sessionSuite(driver, { name: 'memory', options: () => ({}) })
sessionSuite(driver, { name: 'Redis', options: () => ({ redis: redis.server.url }) })
outageSuite(driver)
