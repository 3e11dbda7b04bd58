import { sessionPlugin } from '@hotpath/fastify'
import fastify from 'fastify'
import { expect, it, onTestFinished } from 'vitest'
import { SECRET, useRedis } from '../../session/test/harness.ts'
import { outageSuite } from '../../session/test/outage-suite.ts'
import { Browser, type SessionDriver, sessionSuite } from '../../session/test/session-suite.ts'

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

it('trap 28: sessions of the path /admin are none of /administrators, whoever sends their cookie there', async () => {
  const app = fastify({ forceCloseConnections: true })
  onTestFinished(() => app.close())
  await app.register(async (scope) => {
    await scope.register(sessionPlugin, { secret: SECRET, cookie: { path: '/admin' } })
    scope.get('/admin/login', async (request) => {
      await request.session.login('ada')
      return {}
    })
    scope.get('/admin', async ({ session }) => ({ user: (await session.userId()) ?? null }))
  })
  app.get('/administrators', async ({ session }) => ({ user: (await session?.userId()) ?? null }))
  const address = await app.listen({ port: 0, host: '127.0.0.1' })
  const browser = new Browser(Number(new URL(address).port))

  const { headers } = await browser.get('/admin/login')

  expect(headers.get('set-cookie')).toMatch(/; Path=\/admin(;|$)/)
  expect((await browser.get('/admin')).body).toEqual({ user: 'ada' })
  const elsewhere = await browser.get('/administrators')
  expect([elsewhere.body, elsewhere.headers.get('set-cookie')]).toEqual([{ user: null }, null])
})
