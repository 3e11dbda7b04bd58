import { createServer } from 'node:http'
import { cacheMiddleware } from '@hotpath/express'
import express from 'express'
import { closeServer, type Driver, listen } from '../../http/test/harness.ts'

/** The suite's handler behind `app.use(cacheMiddleware())`. */
export const expressDriver: Driver = {
  name: 'cacheMiddleware()',
  async start(handler, options) {
    const middleware = cacheMiddleware(options)
    const app = express()
    app.use(middleware)
    app.use((req, res) => void handler(req, res))
    const server = createServer(app)
    const port = await listen(server)
    return {
      port,
      responses: middleware.responseCache,
      async close() {
        await closeServer(server)
        await middleware.responseCache.close()
      },
    }
  },
}
