import { cachePlugin, sessionPlugin } from '@hotpath/fastify'
import fastify, { type FastifyInstance } from 'fastify'
import { describe, expect, it, onTestFinished } from 'vitest'
import { SECRET } from '../../session/test/harness.ts'
import { Browser } from '../../session/test/session-suite.ts'

const addCache = (app: FastifyInstance) => app.register(cachePlugin, { ttl: '1m', keyCookies: [] })
const addSessions = (app: FastifyInstance) => app.register(sessionPlugin, { secret: SECRET })

const orders: [name: string, add: (app: FastifyInstance) => Promise<void>][] = [
  [
    'in front of it',
    async (app) => {
      await addCache(app)
      await addSessions(app)
    },
  ],
  [
    'behind it',
    async (app) => {
      await addSessions(app)
      await addCache(app)
    },
  ],
]

describe.each(orders)('sessionPlugin() with a response cache %s', (_name, add) => {
  const serve = async (): Promise<number> => {
    const app = fastify({ forceCloseConnections: true })
    await add(app)
    app.get<{ Params: { user: string } }>('/login/:user', async (request) => {
      await request.session.login(request.params.user)
      return 'in'
    })
    app.get('/me', async (request) => (await request.session.userId()) ?? 'nobody')
    app.get('/count', async (request) =>
      String(await request.session.update('n', (n) => Number(n ?? 0) + 1)),
    )
    app.get('/public', async () => String(process.hrtime.bigint()))
    onTestFinished(() => app.close())
    return Number(new URL(await app.listen({ port: 0, host: '127.0.0.1' })).port)
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
