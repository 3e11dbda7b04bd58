import { createServer } from 'node:http'
import { sessionMiddleware } from '@hotpath/express'
import express from 'express'
import { useRedis } from '../../session/test/harness.ts'
import { outageSuite } from '../../session/test/outage-suite.ts'
import {
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
