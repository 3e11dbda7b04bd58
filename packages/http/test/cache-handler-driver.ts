import { createServer } from 'node:http'
import { cacheHandler } from '@hotpath/http'
import { closeServer, type Driver, listen } from './harness.ts'

export const bareDriver: Driver = {
  name: 'cacheHandler()',
  async start(handler, options) {
    const cached = cacheHandler((req, res) => void handler(req, res), options)
    const server = createServer(cached)
    const port = await listen(server)
    return {
      port,
      responses: cached.responseCache,
      async close() {
        await closeServer(server)
        await cached.responseCache.close()
      },
    }
  },
}
