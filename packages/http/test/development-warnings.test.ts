import { createServer, type IncomingMessage } from 'node:http'
import { cacheHandler, type ResponseCacheOptions } from '@hotpath/http'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { closeServer, counting, type Handler, listen, send } from './harness.ts'
import { hearWarnings } from './hear-warnings.ts'

describe('warnings in development', () => {
  const warnings = hearWarnings()
  afterEach(() => {
    vi.unstubAllEnvs()
  })

  /** Two requests for each of two pages, and what was warned of. */
  async function ask(
    handler: Handler,
    options: ResponseCacheOptions,
    headers: Record<string, string> = {},
  ): Promise<readonly string[]> {
    const server = createServer(cacheHandler((req, res) => void handler(req, res), options))
    const port = await listen(server)
    for (const path of ['/a', '/a', '/b', '/b']) await send(port, path, { headers })
    await closeServer(server)
    return warnings
  }

  const identified: Handler = (req, res) => {
    Object.assign(req, { user: { id: 7 } })
    res.end('page')
  }
  const emptySession: Handler = (req, res) => {
    Object.assign(req, { session: { cookie: {} } })
    res.end('page')
  }
  const session = { Cookie: 'theme=dark; connect.sid=s%3Aabc' }

  it('a user made known behind the cache is warned of, once', async () => {
    expect(await ask(identified, { ttl: '1m' })).toEqual(['HOTPATH_CACHE_BEFORE_AUTH'])
  })

  it.each<[string, Handler]>([
    ['a refusal', (_req, res) => res.writeHead(401).end()],
    ['a redirect to log in', (_req, res) => res.writeHead(302, { Location: '/login' }).end()],
  ])('%s behind the cache for what others may see is warned of, once', async (_name, refuse) => {
    const guarded: Handler = (req, res) =>
      req.headers.cookie === undefined ? refuse(req, res) : res.end('secret')
    const options = { ttl: '1m', keyCookies: [], collapse: false } as const
    const server = createServer(cacheHandler((req, res) => void guarded(req, res), options))
    const port = await listen(server)

    await send(port, '/a')
    const before = [...warnings]
    await send(port, '/a', { headers: { Cookie: 'who=ann' } })
    await send(port, '/b')
    await send(port, '/b', { headers: { Cookie: 'who=ann' } })
    await closeServer(server)

    expect(before).toEqual([])
    expect(warnings).toEqual(['HOTPATH_CACHE_BEFORE_AUTH'])
  })

  it('a session that holds something behind the cache is warned of, once', async () => {
    const remembering: Handler = (req, res) => {
      Object.assign(req, { session: { cookie: {}, cart: ['book'] } })
      res.end('page')
    }

    expect(await ask(remembering, { ttl: '1m' })).toEqual(['HOTPATH_CACHE_BEFORE_AUTH'])
  })

  it('a session cookie that the options leave out is warned of, once', async () => {
    const options = { ttl: '1m', keyCookies: ['theme'] } as const

    expect(await ask(counting(), options, session)).toEqual(['HOTPATH_CACHE_SESSION_COOKIE'])
  })

  it.each<[string, Handler, ResponseCacheOptions, Record<string, string>]>([
    ['nobody is known', counting(), { ttl: '1m' }, {}],
    ['a session is empty', emptySession, { ttl: '1m' }, {}],
    ['nobody is let in', (_req, res) => res.writeHead(401).end(), { ttl: '1m' }, {}],
    ['nothing is kept for who has a session', counting(), { ttl: '1m' }, session],
    ['each has a partition', identified, { ttl: '1m', scope: () => 'user' }, session],
    ['it keeps out', counting(), { ttl: '1m', bypassCookies: ['connect.sid'] }, session],
  ])('nothing is warned of where %s', async (_name, handler, options, headers) => {
    expect(await ask(handler, options, headers)).toEqual([])
  })

  it('a user known before the cache is not warned of', async () => {
    const cached = cacheHandler(counting(), { ttl: '1m' })
    const server = createServer((req: IncomingMessage, res) => {
      Object.assign(req, { user: { id: 7 } })
      cached(req, res)
    })
    const port = await listen(server)

    await send(port, '/a')
    await closeServer(server)

    expect(warnings).toEqual([])
  })

  it('nothing is warned of in production', async () => {
    vi.stubEnv('NODE_ENV', 'production')

    expect(await ask(identified, { ttl: '1m' })).toEqual([])
  })
})
