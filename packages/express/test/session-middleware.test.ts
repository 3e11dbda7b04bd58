import { createServer } from 'node:http'
import { sessionMiddleware } from '@hotpath/express'
import express from 'express'
import { expect, it, onTestFinished } from 'vitest'
import { SECRET, useRedis } from '../../session/test/harness.ts'
import { outageSuite } from '../../session/test/outage-suite.ts'
import {
  Browser,
  closeServer,
  listen,
  type SessionDriver,
  sessionSuite,
} from '../../session/test/session-suite.ts'

const driver: SessionDriver = {
  name: 'sessionMiddleware()',
  async start(handler, sessions) {
    const app = express()
    app.use(sessionMiddleware(sessions))
    app.use(async (req, res) => {
      const { session } = req
      const body = await handler({
        session,
        sessions: req.sessions,
        path: req.originalUrl,
        req,
        res,
      })
      if (body !== undefined) res.json(body)
    })
    app.use(
      (
        error: unknown,
        _req: express.Request,
        _res: express.Response,
        next: express.NextFunction,
      ) => {
        next(error)
      },
    )
    app.set('env', 'test')
    const server = createServer(app)
    return { port: await listen(server), close: () => closeServer(server) }
  },
}

const redis = useRedis()
sessionSuite(driver, { name: 'memory', options: () => ({}) })
sessionSuite(driver, { name: 'Redis', options: () => ({ redis: redis.server.url }) })
outageSuite(driver)

it('trap 28: sessions of the path /admin are none of /administrators, whoever sends their cookie there', async () => {
  const admin = sessionMiddleware({ secret: SECRET, cookie: { path: '/admin' } })
  const app = express()
  app.use('/admin', admin)
  app.get('/admin/login', async (req, res) => {
    await req.session.login('ada')
    res.end()
  })
  app.get(['/admin', '/administrators'], async (req, res) => {
    res.json({ user: (await req.session?.userId()) ?? null })
  })
  const server = createServer(app)
  onTestFinished(async () => {
    await closeServer(server)
    await admin.sessions.close()
  })
  const browser = new Browser(await listen(server))

  const { headers } = await browser.get('/admin/login')

  expect(headers.get('set-cookie')).toMatch(/; Path=\/admin(;|$)/)
  expect((await browser.get('/admin')).body).toEqual({ user: 'ada' })
  const elsewhere = await browser.get('/administrators')
  expect([elsewhere.body, elsewhere.headers.get('set-cookie')]).toEqual([{ user: null }, null])
})
