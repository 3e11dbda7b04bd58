import { createServer } from 'node:http'
import { cacheHandler, createPurgeEndpoint } from '@hotpath/http'
import { describe, expect, it } from 'vitest'
import { closeServer, listen } from '../harness.ts'
import { purgeEndpointSuite } from './purge-endpoint-suite.ts'

purgeEndpointSuite({
  name: 'createPurgeEndpoint()',
  async start(handler, options, wrap) {
    const cached = cacheHandler((req, res) => void handler(req, res))
    const { responseCache } = cached
    const purge = wrap?.((...order) => responseCache.purge(...order))
    const given = purge === undefined ? responseCache : { ...responseCache, purge }
    const endpoint = createPurgeEndpoint({ ...options, responseCache: given })
    const server = createServer((req, res) => {
      if (!endpoint.isFor(req)) return cached(req, res)
      endpoint.answer(req, req, res).catch(() => {
        res.statusCode = 500
        res.end()
      })
    })
    const port = await listen(server)
    return { port, close: () => closeServer(server) }
  },
})

describe('options of createPurgeEndpoint()', () => {
  const { responseCache } = cacheHandler(() => {})
  const authorize = (): boolean => true

  it.each([
    [{ responseCache }, 'authorize: found undefined, wanted a function'],
    [{ authorize }, 'responseCache: found undefined, wanted a response cache'],
    [{ responseCache: {}, authorize }, 'responseCache: found an object'],
    [{ responseCache, authorize, path: 'purge' }, 'path: found "purge"'],
  ])('refuses %o', (options, message) => {
    expect(() => createPurgeEndpoint(options as never)).toThrow(
      expect.objectContaining({
        code: 'ERR_OPTION_INVALID',
        message: expect.stringContaining(message),
      }),
    )
  })
})
