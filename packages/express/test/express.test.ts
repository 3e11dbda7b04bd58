import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { cacheHandler, cacheMiddleware, cacheTags, createResponseCache } from '@hotpath/express'
import { collectUnhandledRejections, deferred } from '@hotpath/testing'
import compression from 'compression'
import express, { type Express, type Request, type Response } from 'express'
import session from 'express-session'
import helmet from 'helmet'
import { afterEach, describe, expect, it } from 'vitest'
import { closeServer, listen, SERVED, send } from '../../http/test/harness.ts'

const closers: (() => Promise<void>)[] = []

afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()))
})

async function serve(app: Express): Promise<number> {
  const server = createServer(app)
  closers.push(() => closeServer(server))
  return await listen(server)
}

/** A plain text that compression finds worth its while. */
const TEXT = 'all the same '.repeat(500)

describe('cacheMiddleware() in Express', () => {
  it('caches a route, with tags from its parameters', async () => {
    const responses = createResponseCache<Request>()
    let runs = 0
    const app = express()
    const options = { ttl: '5m', tags: (req: Request) => [`city:${req.params.id}`] } as const
    app.get('/cities/:id', cacheMiddleware(responses, options), (req, res) => {
      runs += 1
      res.json({ id: req.params.id, runs })
    })
    const port = await serve(app)

    await send(port, '/cities/7')
    const hit = await send(port, '/cities/7')
    await responses.purge({ tag: 'city:7' })
    const after = await send(port, '/cities/7')

    expect(hit.cache).toMatch(SERVED)
    expect(JSON.parse(hit.text)).toEqual({ id: '7', runs: 1 })
    expect(hit.headers['content-type']).toBe('application/json; charset=utf-8')
    expect(JSON.parse(after.text)).toEqual({ id: '7', runs: 2 })
  })

  it('keeps routes of mounted routers apart', async () => {
    const app = express()
    for (const name of ['one', 'two']) {
      const router = express.Router()
      router.use(cacheMiddleware({ ttl: '30s' }))
      router.get('/page', (_req, res) => void res.send(name))
      app.use(`/${name}`, router)
    }
    const port = await serve(app)

    const texts = []
    for (const path of ['/one/page', '/two/page', '/one/page']) {
      texts.push((await send(port, path)).text)
    }

    expect(texts).toEqual(['one', 'two', 'one'])
  })

  it('keeps apart what something before it has rewritten', async () => {
    const app = express()
    app.use((req, _res, next) => {
      req.url = `/${req.headers['x-tenant']}${req.url}`
      next()
    })
    app.use(cacheMiddleware({ ttl: '30s' }))
    app.use((req, res) => void res.send(req.url))
    const port = await serve(app)

    const one = await send(port, '/page', { headers: { 'X-Tenant': 'one' } })
    const two = await send(port, '/page', { headers: { 'X-Tenant': 'two' } })

    expect([one.text, two.text]).toEqual(['/one/page', '/two/page'])
  })

  it('trap 18: keeps apart what something before it has cut, for some alone', async () => {
    const app = express()
    app.use((req, _res, next) => {
      if (req.headers['x-tester'] !== undefined) req.url = req.url.replace('/beta', '')
      next()
    })
    app.use(cacheMiddleware({ ttl: '30s' }))
    app.use((req, res) => void res.send(req.url))
    const port = await serve(app)

    const tester = await send(port, '/beta/page', { headers: { 'X-Tester': 'yes' } })
    const other = await send(port, '/beta/page')

    expect([tester.text, other.text]).toEqual(['/page', '/beta/page'])
  })

  it('the cache nearest to the handler is in charge', async () => {
    const responses = createResponseCache<Request>({ ttl: '30s' })
    let runs = 0
    const app = express()
    app.use(cacheMiddleware(responses))
    app.get(
      '/me',
      cacheMiddleware(responses, { scope: (req) => String(req.headers['x-user']) }),
      (req, res) => {
        runs += 1
        res.send(`hello ${req.headers['x-user']}`)
      },
    )
    const port = await serve(app)

    const texts = []
    for (const user of ['ann', 'bob', 'ann', 'bob']) {
      texts.push((await send(port, '/me', { headers: { 'X-User': user } })).text)
    }
    const last = await send(port, '/me', { headers: { 'X-User': 'ann' } })

    expect(texts).toEqual(['hello ann', 'hello bob', 'hello ann', 'hello bob'])
    expect(last.cache).toMatch(/^hotpath; hit; .*, hotpath; fwd=uri-miss; detail=hit-for-miss$/)
    expect(runs).toBe(2)
  })

  it('the cache nearest to the handler is in charge, also where it keeps out', async () => {
    const responses = createResponseCache<Request>({ ttl: '30s' })
    const app = express()
    app.use(cacheMiddleware(responses))
    const never = cacheMiddleware(responses, { skip: () => true })
    app.get('/now', never, (_req, res) => void res.send(randomUUID()))
    const port = await serve(app)

    const first = await send(port, '/now')
    const second = await send(port, '/now')

    expect(second.text).not.toBe(first.text)
  })

  it('fields set before it are those of each request, not of the one that was kept', async () => {
    const app = express()
    app.use((_req, res, next) => {
      res.set('X-Request-Id', randomUUID())
      res.set('Vary', 'Origin')
      next()
    })
    app.use(cacheMiddleware({ ttl: '30s' }))
    app.get('/page', (_req, res) => void res.set('X-Kept', randomUUID()).send('page'))
    const port = await serve(app)

    const first = await send(port, '/page')
    const second = await send(port, '/page')

    expect(second.cache).toMatch(SERVED)
    expect(second.headers['x-kept']).toBe(first.headers['x-kept'])
    expect(second.headers['x-request-id']).not.toBe(first.headers['x-request-id'])
    expect(second.headers.vary).toBe('Origin')
  })

  it('trap 17: pages of a session middleware before it reach nobody else', async () => {
    const app = express()
    app.use(session({ secret: 'x', resave: false, saveUninitialized: true }))
    app.use(cacheMiddleware({ ttl: '30s' }))
    app.get('/me', (req, res) => void res.send(`session ${req.session.id}`))
    const port = await serve(app)

    const first = await send(port, '/me')
    const second = await send(port, '/me')
    const cookie = String(first.headers['set-cookie']?.[0]?.split(';')[0])
    const back = await send(port, '/me', { headers: { Cookie: cookie } })

    expect(second.text).not.toBe(first.text)
    expect(back.text).toBe(first.text)
  })

  it('a request that somebody else has answered while it waited is left alone', async () => {
    const rejections = collectUnhandledRejections()
    const go = deferred()
    const entered = deferred()
    const waiting = deferred<Response>()
    const app = express()
    app.use((req, res, next) => {
      next()
      if (req.headers['x-impatient'] !== undefined) waiting.resolve(res)
    })
    app.use(cacheMiddleware({ ttl: '30s' }))
    app.get('/page', async (_req, res) => {
      entered.resolve()
      await go.promise
      res.send('page')
    })
    const port = await serve(app)
    const leader = send(port, '/page')
    await entered.promise
    const waiter = send(port, '/page', { headers: { 'X-Impatient': 'yes' } })

    ;(await waiting.promise).status(503).send('too slow')
    go.resolve()

    expect((await leader).text).toBe('page')
    expect((await waiter).text).toBe('too slow')
    expect(await rejections.stop()).toEqual([])
  })

  it('trap 24: what a middleware before it writes in the course of end() is kept once', async () => {
    const app = express()
    app.use((_req, res, next) => {
      const { end } = res
      res.end = ((chunk?: string | Buffer) => {
        if (chunk !== undefined) res.write(chunk)
        return Reflect.apply(end, res, [])
      }) as typeof res.end
      next()
    })
    app.use(cacheMiddleware({ ttl: '30s' }))
    app.get('/page', (_req, res) => void res.end('once'))
    const port = await serve(app)

    const first = await send(port, '/page')
    const second = await send(port, '/page')

    expect([first.text, second.text]).toEqual(['once', 'once'])
    expect(second.cache).toMatch(SERVED)
  })

  it("answers conditional requests from Express's own validators", async () => {
    const app = express()
    app.use(cacheMiddleware({ ttl: '30s' }))
    app.get('/page', (_req, res) => void res.send('page'))
    const port = await serve(app)
    const first = await send(port, '/page', { headers: { 'If-None-Match': '"other"' } })
    const headers = { 'If-None-Match': String(first.headers.etag) }

    const hit = await send(port, '/page', { headers })
    const miss = await send(port, '/page?again', { headers })
    const after = await send(port, '/page?again')

    expect([first.status, hit.status, miss.status, after.status]).toEqual([200, 304, 304, 200])
    expect(miss.cache).toMatch(/stored/)
    expect(after.text).toBe('page')
  })

  it('an error of a handler is answered by Express and not kept', async () => {
    let runs = 0
    const app = express()
    app.set('env', 'test')
    app.use(cacheMiddleware({ ttl: '30s', statuses: [200, 500] }))
    app.get('/page', () => {
      runs += 1
      throw new Error('no page')
    })
    const port = await serve(app)

    const first = await send(port, '/page')

    expect(first.status).toBe(500)
    expect(runs).toBe(1)
  })

  it('an error of an option is answered by Express, and the app goes on', async () => {
    const failing = (): never => {
      throw new Error('no tags')
    }
    const app = express()
    app.set('env', 'test')
    app.use('/tags', cacheMiddleware({ ttl: '30s', tags: failing }))
    app.use('/scope', cacheMiddleware({ ttl: '30s', scope: failing }))
    app.use((_req, res) => void res.send('page'))
    const port = await serve(app)

    const replies = [await send(port, '/tags'), await send(port, '/scope'), await send(port, '/ok')]

    expect(replies.map(({ status }) => status)).toEqual([500, 500, 200])
  })

  it('cacheTags() names what a handler has sent', async () => {
    const middleware = cacheMiddleware({ ttl: '30s' })
    const app = express()
    app.use(middleware)
    app.get('/page', (_req, res) => {
      cacheTags(res, 'news')
      res.send('page')
    })
    const port = await serve(app)
    await send(port, '/page')

    await middleware.responseCache.purge({ tag: 'news' })

    expect((await send(port, '/page')).cache).not.toMatch(SERVED)
  })

  it('serves files, and keeps them', async () => {
    const app = express()
    app.use(cacheMiddleware())
    app.get('/file', (_req, res) => res.sendFile(import.meta.filename, { maxAge: '1m' }))
    const port = await serve(app)

    const first = await send(port, '/file')
    const second = await send(port, '/file')

    expect(second.cache).toMatch(SERVED)
    expect(second.text).toBe(first.text)
    expect(second.headers['last-modified']).toBe(first.headers['last-modified'])
  })
})

describe('cacheMiddleware() with helmet', () => {
  it.each(['before', 'after'] as const)(
    'mounted %s it: hits have its fields, once',
    async (place) => {
      const app = express()
      if (place === 'before') app.use(helmet())
      app.use(cacheMiddleware({ ttl: '30s' }))
      if (place === 'after') app.use(helmet())
      app.get('/page', (_req, res) => void res.send('page'))
      const port = await serve(app)

      const first = await send(port, '/page')
      const second = await send(port, '/page')

      expect(second.cache).toMatch(SERVED)
      expect(second.headers['content-security-policy']).toBeDefined()
      expect(second.headers['content-security-policy']).toBe(
        first.headers['content-security-policy'],
      )
      expect(second.rawHeaders.filter((name) => /^x-frame-options$/i.test(name))).toHaveLength(1)
    },
  )
})

describe('cacheHandler() in front of Express', () => {
  it('a hit never enters it', async () => {
    let entered = 0
    const app = express()
    app.use((_req, _res, next) => {
      entered += 1
      next()
    })
    app.get('/page', (_req, res) => void res.json({ entered }))
    const server = createServer(cacheHandler(app, { ttl: '30s' }))
    closers.push(() => closeServer(server))
    const port = await listen(server)

    const first = await send(port, '/page')
    const second = await send(port, '/page')

    expect(second.cache).toMatch(SERVED)
    expect(second.text).toBe(first.text)
    expect(entered).toBe(1)
  })
})

describe('cacheMiddleware() with compression', () => {
  const compressing = (app: Express, place: 'before' | 'after'): Express => {
    if (place === 'before') app.use(compression())
    app.use(cacheMiddleware({ ttl: '30s' }))
    if (place === 'after') app.use(compression())
    app.get('/page', (_req, res) => void res.type('text').send(TEXT))
    app.get('/stream', (_req, res) => {
      res.type('text')
      for (let index = 0; index < 500; index += 1) res.write('all the same ')
      res.end()
    })
    return app
  }
  const gzip = { 'Accept-Encoding': 'gzip' }

  it.each(['before', 'after'] as const)('trap 24: mounted %s it', async (place) => {
    const port = await serve(compressing(express(), place))

    for (const path of ['/page', '/stream']) {
      const zipped = [
        await send(port, path, { headers: gzip }),
        await send(port, path, { headers: gzip }),
      ]
      const plain = [await send(port, path), await send(port, path)]

      expect(zipped.map(({ headers }) => headers['content-encoding'])).toEqual(['gzip', 'gzip'])
      expect(zipped[1]?.body).toEqual(zipped[0]?.body)
      expect(plain.map(({ headers }) => headers['content-encoding'])).toEqual([
        undefined,
        undefined,
      ])
      expect(plain.map(({ text }) => text)).toEqual([TEXT, TEXT])
      expect(zipped[1]?.cache).toMatch(SERVED)
      expect(plain[1]?.cache).toMatch(SERVED)
    }
  })
})

describe('cacheMiddleware() in Express 4', () => {
  const express4 = createRequire(import.meta.url)('express-4') as typeof express

  it('caches, and keeps ignored parameters from the handler', async () => {
    const app = express4()
    app.use(cacheMiddleware({ ttl: '30s', query: { ignore: ['utm'] } }))
    app.get('/page', (req, res) => void res.json(req.query))
    const port = await serve(app)

    const first = await send(port, '/page?a=1&utm=evil')
    const second = await send(port, '/page?a=1')

    expect(JSON.parse(first.text)).toEqual({ a: '1' })
    expect(second.cache).toMatch(SERVED)
  })
})
