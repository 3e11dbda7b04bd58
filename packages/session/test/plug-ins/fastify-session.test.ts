import cookie from '@fastify/cookie'
import fastifySession from '@fastify/session'
import { FastifySessionStore, type PlugInStoreOptions } from '@hotpath/session/fastify-session'
import fastify from 'fastify'
import { describe, expect, it, onTestFinished } from 'vitest'
import { newNamespace, PATIENT, SECRET, useRedis } from '../harness.ts'
import { Browser } from '../session-suite.ts'

/** What @fastify/session puts on a request. */
interface TheirSession {
  n?: number
  cart?: string[]
  kept?: string
  readonly sessionId: string
  readonly cookie: { expires?: Date | null; maxAge?: number | null }
  get(key: string): unknown
  set(key: string, value: unknown): void
  touch(): void
  save(): Promise<void>
  reload(): Promise<void>
  regenerate(keep?: string[]): Promise<void>
  destroy(): Promise<void>
}

const redis = useRedis()
const MemoryStore = (fastifySession as object as { MemoryStore: new () => FastifySessionStore })
  .MemoryStore
const stores: [name: string, options: () => PlugInStoreOptions][] = [
  ['memory', () => ({})],
  ['Redis', () => ({ redis: redis.server.url, ioTimeout: PATIENT })],
]

describe.each(stores)('FastifySessionStore in %s', (_name, options) => {
  const serve = async (): Promise<Browser> => {
    const store = new FastifySessionStore({ prefix: newNamespace(), ...options() })
    const app = fastify({ forceCloseConnections: true })
    await app.register(cookie)
    await app.register(fastifySession, {
      secret: SECRET,
      store,
      cookie: { secure: false, maxAge: 60_000 },
      saveUninitialized: false,
    })
    const sessionOf = (request: object) => (request as { session: TheirSession }).session
    app.get('/add', async (request) => {
      const session = sessionOf(request)
      session.n = (session.n ?? 0) + 1
      return session.n
    })
    app.get('/new', async (request) => {
      await sessionOf(request).regenerate()
      return null
    })
    app.get('/end', async (request) => {
      await sessionOf(request).destroy()
      return null
    })
    const address = await app.listen({ port: 0, host: '127.0.0.1' })
    onTestFinished(async () => {
      await app.close()
      await store.close()
    })
    return new Browser(Number(new URL(address).port))
  }

  it('@fastify/session works with it: kept, regenerated, destroyed', async () => {
    const browser = await serve()

    expect((await browser.get('/add')).text).toBe('1')
    expect((await browser.get('/add')).text).toBe('2')
    const old = browser.cookie
    await browser.get('/new')
    expect(browser.cookie).not.toBe(old)
    expect((await browser.get('/add')).text).toBe('1')
    await browser.get('/end')
    expect((await browser.get('/add')).text).toBe('1')
  })

  it('get, set and destroy answer by callback', async () => {
    const store = new FastifySessionStore({ prefix: newNamespace(), ...options() })
    onTestFinished(() => store.close())
    const get = (): Promise<unknown> =>
      new Promise((resolve, reject) => {
        store.get('one', (error, session) => (error ? reject(error) : resolve(session)))
      })
    await new Promise((resolve) => store.set('one', { cookie: { maxAge: 1 }, a: [] }, resolve))

    expect(await get()).toEqual({ cookie: { maxAge: 1 }, a: [] })
    await new Promise((resolve) => store.destroy('one', resolve))
    expect(await get()).toBeNull()
  })
})

/** Their own store is among them: what it does is what is expected of ours. */
const beside: [name: string, open: () => FastifySessionStore][] = [
  ['their MemoryStore', () => new MemoryStore()],
  ...stores.map(([name, options]): [string, () => FastifySessionStore] => [
    name,
    () => {
      const store = new FastifySessionStore({ prefix: newNamespace(), ...options() })
      onTestFinished(() => store.close())
      return store
    },
  ]),
]

const steps: Record<string, (session: TheirSession) => unknown> = {
  '/nothing': () => undefined,
  '/add': (session) => session.set('cart', ['tea']),
  '/push': (session) => session.cart?.push('milk'),
  '/regenerate': async (session) => {
    session.kept = 'this'
    await session.regenerate(['kept'])
  },
  '/destroy': (session) => session.destroy(),
  '/save': async (session) => {
    session.cart = ['saved']
    await session.save()
    await session.reload()
  },
}

describe.each(beside)('@fastify/session with %s', (_name, open) => {
  const serve = async (options: object = {}): Promise<{ browser: Browser; sets: string[] }> => {
    const store = open()
    const sets: string[] = []
    const set = store.set.bind(store)
    store.set = (sid, session, done) => {
      sets.push(sid)
      set(sid, session, done)
    }
    const app = fastify({ forceCloseConnections: true })
    await app.register(cookie)
    await app.register(fastifySession, {
      secret: SECRET,
      store,
      cookie: { secure: false, maxAge: 60_000 },
      saveUninitialized: false,
      ...options,
    })
    app.get('/*', async (request) => {
      const own = () => (request as object as { session: TheirSession }).session
      await steps[request.url]?.(own())
      const { cart, kept, sessionId } = own() ?? {}
      return { cart: cart ?? null, kept: kept ?? null, id: sessionId ?? null }
    })
    const address = await app.listen({ port: 0, host: '127.0.0.1' })
    onTestFinished(() => app.close())
    return { browser: new Browser(Number(new URL(address).port)), sets }
  }

  it('keeps nothing of a session that nobody has written to, unless saveUninitialized', async () => {
    const [lazy, eager] = [await serve(), await serve({ saveUninitialized: true })]

    for (const { browser } of [lazy, eager]) await browser.get('/nothing')

    expect([lazy.browser.cookie, lazy.sets]).toEqual([undefined, []])
    expect(eager.browser.cookie).toMatch(/^sessionId=/)
    expect(eager.sets).toHaveLength(1)
  })

  it('keeps what has changed, deep inside as well', async () => {
    const { browser } = await serve()

    for (const path of ['/add', '/push']) await browser.get(path)

    expect((await browser.get('/nothing')).body).toMatchObject({ cart: ['tea', 'milk'] })
  })

  it('regenerate() keeps what it is told under another id', async () => {
    const { browser } = await serve()
    const { id } = (await browser.get('/add')).body as { id: string }

    await browser.get('/regenerate')

    const { body } = await browser.get('/nothing')
    expect(body).toMatchObject({ cart: null, kept: 'this' })
    expect(body).not.toMatchObject({ id })
  })

  it('save() is there for the reload() that follows it', async () => {
    const { browser } = await serve()
    await browser.get('/add')

    expect((await browser.get('/save')).body).toMatchObject({ cart: ['saved'] })
  })

  it('destroy() ends it, and a cookie that was not signed here begins another', async () => {
    const { browser } = await serve()
    await browser.get('/add')
    const good = browser.cookie ?? ''

    expect(
      (await new Browser(browser.port, `${good.slice(0, -3)}abc`).get('/nothing')).body,
    ).toMatchObject({ cart: null })
    await browser.get('/destroy')

    expect((await new Browser(browser.port, good).get('/nothing')).body).toMatchObject({
      cart: null,
    })
  })
})
