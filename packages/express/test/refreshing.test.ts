import { createServer, type RequestListener } from 'node:http'
import { cacheMiddleware } from '@hotpath/express'
import { cacheHandler } from '@hotpath/http'
import { FakeClock, waitUntil } from '@hotpath/testing'
import compression from 'compression'
import express, { type Express } from 'express'
import { afterEach, describe, expect, it } from 'vitest'
import { closeServer, listen, send } from '../../http/test/harness.ts'
import { hearWarnings } from '../../http/test/hear-warnings.ts'

const closers: (() => Promise<void>)[] = []
const warnings = hearWarnings()

afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()))
})

async function serve(app: RequestListener): Promise<number> {
  const server = createServer(app)
  closers.push(() => closeServer(server))
  return await listen(server)
}

const STALE = 'detail=stale-while-revalidate'

describe('staleWhileRevalidate in Express', () => {
  it('re-runs a route of a router in an app in an app, with what stands before it', async () => {
    const clock = new FakeClock()
    const app = express()
    const inner = express()
    const router = express.Router()
    const seen: string[] = []
    let runs = 0
    app.use((req, _res, next) => {
      seen.push(req.originalUrl)
      next()
    })
    inner.use(cacheMiddleware({ ttl: '10s', staleWhileRevalidate: '1m', clock }))
    router.get('/cities/:id', (req, res) => {
      runs += 1
      res.json({ id: req.params.id, path: req.baseUrl, query: req.query, runs })
    })
    inner.use('/v1', router)
    app.use('/api', inner)
    const port = await serve(app)
    const path = '/api/v1/cities/7?a=1'
    const first = JSON.parse((await send(port, path)).text)
    clock.advance(15_000)

    const stale = await send(port, path)
    await waitUntil(() => runs === 2, 'the route has run')
    const isNew = async (): Promise<boolean> => JSON.parse((await send(port, path)).text).runs === 2
    await waitUntil(isNew, 'the new one is served')
    const second = JSON.parse((await send(port, path)).text)

    expect(stale.cache).toContain(STALE)
    expect(second).toEqual({ ...first, runs: 2 })
    expect(new Set(seen)).toEqual(new Set([path]))
  })

  const mountings: [string, (app: Express, inner: Express) => RequestListener][] = [
    [
      'by a router',
      (app, inner) => {
        const router = express.Router()
        router.use('/v1', inner)
        return app.use('/api', router)
      },
    ],
    [
      'by what is no app of Express',
      (_app, inner) => (req, res) => {
        Object.assign(req, { originalUrl: req.url, url: req.url?.replace('/api/v1', '') })
        inner(req, res)
      },
    ],
    ['behind a cacheHandler()', (app, inner) => cacheHandler(app.use('/api/v1', inner))],
  ]

  it.each(mountings)('re-runs a route of an app that is mounted %s', async (_name, mount) => {
    const clock = new FakeClock()
    const inner = express()
    let runs = 0
    inner.use(cacheMiddleware({ ttl: '10s', staleWhileRevalidate: '1m', clock }))
    inner.get('/cities/:id', (_req, res) => {
      runs += 1
      res.send(`run ${runs}`)
    })
    const port = await serve(mount(express(), inner))
    const ask = async (): Promise<string> => (await send(port, '/api/v1/cities/7')).text
    await ask()
    clock.advance(15_000)

    const stale = await ask()
    await waitUntil(async () => (await ask()) === 'run 2', 'the new one is served')

    expect(stale).toBe('run 1')
  })

  it.each(['before', 'after'] as const)('compression %s the cache', async (place) => {
    const clock = new FakeClock()
    const app = express()
    let runs = 0
    const cache = cacheMiddleware({ ttl: '10s', staleWhileRevalidate: '1m', clock })
    const compress = compression({ threshold: 0 })
    app.use(...(place === 'before' ? [compress, cache] : [cache, compress]))
    app.get('/page', (_req, res) => {
      runs += 1
      res.type('text/plain').send(`${runs} ${'all the same '.repeat(500)}`)
    })
    const port = await serve(app)
    const plain = { headers: { 'Accept-Encoding': 'identity' } }
    const zipped = { headers: { 'Accept-Encoding': 'gzip' } }
    for (const sent of [plain, zipped]) await send(port, '/page', sent)
    clock.advance(15_000)
    const before = runs

    for (const sent of [plain, zipped]) await send(port, '/page', sent)
    const isNew = async (): Promise<boolean> =>
      Number.parseInt((await send(port, '/page', plain)).text, 10) > before
    await waitUntil(isNew, 'the new one is served')
    const reply = await send(port, '/page', zipped)

    expect(reply.headers['content-encoding']).toBe('gzip')
    expect((await send(port, '/page', plain)).headers['content-encoding']).toBeUndefined()
  })

  it('what turns away who has not logged in turns it away too, and nobody sees that', async () => {
    const clock = new FakeClock()
    const app = express()
    let turnedAway = 0
    let runs = 0
    app.use((req, res, next) => {
      if (req.headers.cookie === 'session=1') return next()
      turnedAway += 1
      res.status(401).send('who are you?')
    })
    const control = 'public, max-age=10, stale-while-revalidate=60'
    app.use(cacheMiddleware({ clock }))
    app.get('/page', (_req, res) => {
      runs += 1
      res.set('Cache-Control', control).send(`run ${runs}`)
    })
    const port = await serve(app)
    const headers = { Cookie: 'session=1' }
    await send(port, '/page', { headers })
    clock.advance(15_000)

    const stale = await send(port, '/page', { headers })
    await waitUntil(() => turnedAway === 1, 'it has been turned away')
    const later = await send(port, '/page', { headers })

    expect([stale.text, later.text, runs]).toEqual(['run 1', 'run 1', 1])
    clock.advance(60_000)
    expect((await send(port, '/page', { headers })).text).toBe('run 2')
    expect(warnings).toEqual(['HOTPATH_CACHE_SESSION_COOKIE'])
  })

  it('a client cannot pass for what runs behind', async () => {
    const clock = new FakeClock()
    const app = express()
    const fields: Record<string, string>[] = []
    let runs = 0
    app.use((req, _res, next) => {
      fields.push(req.headers as Record<string, string>)
      next()
    })
    app.use(cacheMiddleware({ ttl: '10s', staleWhileRevalidate: '1m', clock }))
    app.get('/page', (_req, res) => {
      runs += 1
      res.send(`run ${runs}`)
    })
    const port = await serve(app)
    await send(port, '/page')
    clock.advance(15_000)
    await send(port, '/page')
    const isNew = async (): Promise<boolean> => (await send(port, '/page')).text === 'run 2'
    await waitUntil(isNew, 'the new one is served')

    const [behind] = fields.filter((each) => each['user-agent'] === undefined && !each.connection)
    const copied = await send(port, '/page', { headers: { ...behind } })

    expect(behind).toEqual({ host: `localhost:${port}` })
    expect(copied.cache).toContain('; hit;')
    expect(runs).toBe(2)
  })
})
