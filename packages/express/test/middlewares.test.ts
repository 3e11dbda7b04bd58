import { randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { cacheMiddleware } from '@hotpath/express'
import compression from 'compression'
import cors from 'cors'
import express5, { type Express } from 'express'
import session from 'express-session'
import helmet from 'helmet'
import { afterEach, describe, expect, it } from 'vitest'
import { closeServer, listen, type Reply, SERVED, send } from '../../http/test/harness.ts'

const closers: (() => Promise<void>)[] = []

afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()))
})

async function serve(app: Express): Promise<number> {
  const server = createServer(app)
  closers.push(() => closeServer(server))
  return await listen(server)
}

const TEXT = 'all the same '.repeat(500)
const GZIP = { 'Accept-Encoding': 'gzip' }

const express4 = createRequire(import.meta.url)('express-4') as typeof express5

const versions: [string, typeof express5][] = [
  ['Express 5', express5],
  ['Express 4', express4],
]
const places = ['before', 'after'] as const
const everywhere = versions.flatMap(([version, express]) =>
  places.map((place) => ({ version, express, place })),
)

type Where = (typeof everywhere)[number]

/** An app with a cache and another middleware before or after it. */
function appWith({ express, place }: Where, other: express5.RequestHandler): Express {
  const app = express()
  if (place === 'before') app.use(other)
  app.use(cacheMiddleware({ ttl: '30s' }))
  if (place === 'after') app.use(other)
  return app
}

/** The page that a client makes of a reply. */
function pageOf({ headers, body }: Reply): string {
  return (headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body).toString()
}

describe.each(everywhere)('in $version, mounted $place the cache:', (where) => {
  it('trap 20: compression: each client gets an encoding that it takes, by hits as well', async () => {
    const app = appWith(where, compression())
    app.get('/page', (_req, res) => void res.set('ETag', '"v1"').type('text').send(TEXT))
    const port = await serve(app)

    const replies = []
    for (const headers of [GZIP, {}, GZIP, {}]) {
      replies.push(await send(port, '/page', { headers }))
    }

    expect(replies.map((reply) => pageOf(reply) === TEXT)).toEqual([true, true, true, true])
    expect(replies.map(({ headers }) => headers['content-encoding'] ?? 'none')).toEqual([
      'gzip',
      'none',
      'gzip',
      'none',
    ])
    expect(replies.slice(2).every(({ cache }) => SERVED.test(cache))).toBe(true)
    expect(replies.every(({ headers }) => /Accept-Encoding/i.test(headers.vary ?? ''))).toBe(true)
  })

  it('trap 20: compression: a part is never cut from another encoding', async () => {
    const app = appWith(where, compression())
    app.get('/page', (_req, res) => void res.set('ETag', '"v1"').type('text').send(TEXT))
    const port = await serve(app)
    for (const headers of [GZIP, {}]) await send(port, '/page', { headers })
    const zipped = await send(port, '/page', { headers: GZIP })
    const resume = { Range: 'bytes=10-19', 'If-Range': String(zipped.headers.etag) }

    const plain = await send(port, '/page', { headers: resume })

    const isSame = plain.headers.etag === zipped.headers.etag && !/^W/.test(resume['If-Range'])
    expect(isSame && where.place === 'after').toBe(false)
    expect(pageOf(zipped)).toBe(TEXT)
    if (plain.status === 206) expect(plain.text).toBe(TEXT.slice(10, 20))
  })

  it("trap 20: compression: a client's 304 is about what it has", async () => {
    const app = appWith(where, compression())
    app.get('/page', (_req, res) => void res.type('text').send(TEXT))
    const port = await serve(app)

    for (const headers of [GZIP, {}]) {
      const first = await send(port, '/page', { headers })
      const again = { ...headers, 'If-None-Match': String(first.headers.etag) }
      const confirmed = await send(port, '/page', { headers: again })

      expect([confirmed.status, confirmed.text]).toEqual([304, ''])
      expect(confirmed.headers.etag).toBe(first.headers.etag)
    }
  })

  it('cors: each origin is let in by its own name', async () => {
    const origins = ['https://a.example', 'https://b.example']
    const app = appWith(where, cors({ origin: origins, credentials: true }))
    app.get('/page', (_req, res) => void res.send('page'))
    const port = await serve(app)

    for (const origin of [...origins, 'https://evil.example', ...origins]) {
      const { headers } = await send(port, '/page', { headers: { Origin: origin } })
      const allowed = origins.includes(origin) ? origin : undefined

      expect(headers['access-control-allow-origin']).toBe(allowed)
      expect(headers.vary).toMatch(/Origin/)
    }
    expect((await send(port, '/page', { headers: { Origin: origins[0] ?? '' } })).cache).toMatch(
      SERVED,
    )
  })

  it('cors: a preflight is answered and not kept', async () => {
    const app = appWith(where, cors({ origin: true }))
    app.get('/page', (_req, res) => void res.send('page'))
    const port = await serve(app)
    const headers = { Origin: 'https://a.example', 'Access-Control-Request-Method': 'GET' }

    const preflight = await send(port, '/page', { method: 'OPTIONS', headers })
    const page = await send(port, '/page')

    expect([preflight.status, page.status, page.text]).toEqual([204, 200, 'page'])
  })

  it('helmet: hits have its fields once, with a nonce of their own where it stands before', async () => {
    const nonces = helmet({
      contentSecurityPolicy: {
        directives: { scriptSrc: [() => `'nonce-${randomUUID()}'`] },
      },
    })
    const app = appWith(where, nonces)
    app.get('/page', (_req, res) => void res.send('page'))
    const port = await serve(app)

    const first = await send(port, '/page')
    const second = await send(port, '/page')

    expect(second.cache).toMatch(SERVED)
    expect(
      second.rawHeaders.filter((name) => /^content-security-policy$/i.test(name)),
    ).toHaveLength(1)
    const isSame =
      second.headers['content-security-policy'] === first.headers['content-security-policy']
    expect(isSame).toBe(where.place === 'after')
  })

  it('trap 17: express-session: nobody gets the session of another, new or old', async () => {
    const keeping = session({ secret: 'x', resave: false, saveUninitialized: true })
    const app = appWith(where, keeping)
    app.get('/me', (req, res) => void res.send(`session ${req.session.id}`))
    const port = await serve(app)

    const fresh = [await send(port, '/me'), await send(port, '/me'), await send(port, '/me')]
    const cookies = fresh.map(({ headers }) => String(headers['set-cookie']?.[0]?.split(';')[0]))
    const back = await Promise.all(
      cookies.map((cookie) => send(port, '/me', { headers: { Cookie: cookie } })),
    )

    expect(new Set(cookies).size).toBe(3)
    expect(new Set(fresh.map(({ text }) => text)).size).toBe(3)
    expect(back.map(({ text }) => text)).toEqual(fresh.map(({ text }) => text))
  })

  it('trap 24: what is sent after the end is neither sent nor kept', async () => {
    const app = appWith(where, compression({ threshold: 0 }))
    app.get('/page', (_req, res) => {
      res.type('text').send('the page')
      expect(() => res.send('and another')).toThrow(/after they are sent/)
      res.end()
    })
    const port = await serve(app)

    const replies = [await send(port, '/page'), await send(port, '/page')]

    expect(replies.map(({ text }) => text)).toEqual(['the page', 'the page'])
  })
})

describe.each(versions)('serve-static behind the cache in %s', (_version, express) => {
  async function serveFiles(): Promise<number> {
    const folder = await mkdtemp(join(tmpdir(), 'hotpath-static-'))
    closers.push(() => rm(folder, { recursive: true }))
    await writeFile(join(folder, 'a b.txt'), TEXT)
    await writeFile(join(folder, 'index.html'), '<h1>home</h1>')
    const app = express()
    app.use(cacheMiddleware())
    app.use(compression())
    app.use(express.static(folder, { maxAge: '1m' }))
    return serve(app)
  }

  it('files are kept, whole, in parts and by their validators', async () => {
    const port = await serveFiles()
    const first = await send(port, '/a%20b.txt')
    const validators = { 'If-None-Match': String(first.headers.etag) }

    const whole = await send(port, '/a%20b.txt')
    const part = await send(port, '/a%20b.txt', { headers: { Range: 'bytes=13-25' } })
    const confirmed = await send(port, '/a%20b.txt', { headers: validators })
    const zipped = await send(port, '/a%20b.txt', { headers: GZIP })

    expect([whole, part, confirmed].every(({ cache }) => SERVED.test(cache))).toBe(true)
    expect(whole.text).toBe(TEXT)
    expect([part.status, part.text]).toEqual([206, TEXT.slice(13, 26)])
    expect(confirmed.status).toBe(304)
    expect(pageOf(zipped)).toBe(TEXT)
    expect(whole.headers['content-type']).toBe(first.headers['content-type'])
  })

  it('a missing file is asked for each time, and one that is no path gets an error', async () => {
    const port = await serveFiles()

    const missing = [await send(port, '/none.txt'), await send(port, '/none.txt')]
    const home = [await send(port, '/'), await send(port, '/')]
    const outside = await send(port, '/..%2f..%2fetc/passwd')

    expect(missing.map(({ status }) => status)).toEqual([404, 404])
    expect(missing[1]?.cache).not.toMatch(SERVED)
    expect(home.map(({ text }) => text)).toEqual(['<h1>home</h1>', '<h1>home</h1>'])
    expect(home[1]?.cache).toMatch(SERVED)
    expect([403, 404]).toContain(outside.status)
  })
})
