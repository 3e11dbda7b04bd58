import { createServer } from 'node:http'
import { cacheMiddleware, sessionMiddleware } from '@hotpath/express'
import express, { type RequestHandler } from 'express'
import { describe, expect, it, onTestFinished } from 'vitest'
import { SECRET } from '../../session/test/harness.ts'
import { Browser, closeServer, listen } from '../../session/test/session-suite.ts'

const orders: [name: string, chain: () => RequestHandler[]][] = [
  ['in front of it', () => [cached(), sessions()]],
  ['behind it', () => [sessions(), cached()]],
]

function cached(): RequestHandler {
  const middleware = cacheMiddleware({ ttl: '1m', keyCookies: [] })
  onTestFinished(() => middleware.responseCache.close())
  return middleware
}

function sessions(): RequestHandler {
  const middleware = sessionMiddleware({ secret: SECRET })
  onTestFinished(() => middleware.sessions.close())
  return middleware
}

describe.each(orders)('sessions with a response cache %s', (_name, chain) => {
  const serve = async (): Promise<number> => {
    const app = express()
    app.use(chain())
    app.get('/login/:user', async (req, res) => {
      await req.session.login(req.params.user)
      res.send('in')
    })
    app.get('/me', async (req, res) => void res.send((await req.session.userId()) ?? 'nobody'))
    app.get('/count', async (req, res) => {
      res.send(String(await req.session.update('n', (n) => Number(n ?? 0) + 1)))
    })
    app.get('/public', (_req, res) => void res.send(String(process.hrtime.bigint())))
    const server = createServer(app)
    onTestFinished(() => closeServer(server))
    return await listen(server)
  }

  it('no page of one session reaches another, and no cookie does', async () => {
    const port = await serve()
    const [ada, bob, nobody] = [new Browser(port), new Browser(port), new Browser(port)]
    expect((await nobody.get('/me')).text).toBe('nobody')
    await ada.get('/login/ada')
    await bob.get('/login/bob')

    expect((await ada.get('/me')).text).toBe('ada')
    expect((await bob.get('/me')).text).toBe('bob')
    expect((await nobody.get('/me')).text).toBe('nobody')
    expect((await new Browser(port).get('/login/ada')).headers.get('set-cookie')).not.toBeNull()
    expect([(await ada.get('/count')).text, (await ada.get('/count')).text]).toEqual(['1', '2'])
  })

  it('what does not use the session is cached as ever', async () => {
    const port = await serve()

    const [first, second] = [
      await new Browser(port).get('/public'),
      await new Browser(port).get('/public'),
    ]

    expect(second.text).toBe(first.text)
  })
})
