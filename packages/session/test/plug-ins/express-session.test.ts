import { createServer } from 'node:http'
import { ExpressSessionStore, type PlugInStoreOptions } from '@hotpath/session/express-session'
import { FakeClock } from '@hotpath/testing'
import express from 'express'
import session, { type SessionData } from 'express-session'
import { Redis } from 'ioredis'
import { describe, expect, it, onTestFinished } from 'vitest'
import { newNamespace, PATIENT, useRedis } from '../harness.ts'
import { Browser, closeServer, listen } from '../session-suite.ts'

declare module 'express-session' {
  interface SessionData {
    n: number
  }
}

const redis = useRedis({ faults: true })
const stores: [name: string, options: () => PlugInStoreOptions][] = [
  ['memory', () => ({})],
  ['Redis', () => ({ redis: redis.server.url, ioTimeout: PATIENT })],
]

describe.each(stores)('ExpressSessionStore in %s', (_name, options) => {
  const open = (own: PlugInStoreOptions = {}): ExpressSessionStore => {
    const store = new ExpressSessionStore({ prefix: newNamespace(), ...options(), ...own })
    onTestFinished(() => store.close())
    return store
  }
  const made = (n: number, maxAgeMs = 60_000): SessionData => {
    const cookie = new session.Cookie()
    cookie.maxAge = maxAgeMs
    return { cookie, n }
  }
  const ask = <T>(
    call: (callback: (error: unknown, value?: T) => void) => void,
  ): Promise<T | undefined> =>
    new Promise((resolve, reject) => {
      call((error, value) => (error ? reject(error) : resolve(value)))
    })

  it('does all that the Store interface says', async () => {
    const store = open()
    await ask((done) => store.set('one', made(1), done))
    await ask((done) => store.set('two', made(2), done))

    expect(await ask<SessionData | null>((done) => store.get('one', done))).toMatchObject({ n: 1 })
    expect(await ask<SessionData | null>((done) => store.get('none', done))).toBeNull()
    expect(await ask<number>((done) => store.length(done))).toBe(2)
    expect((await ask<string[]>((done) => store.ids(done)))?.sort()).toEqual(['one', 'two'])
    expect((await ask<SessionData[]>((done) => store.all(done)))?.map(({ n }) => n).sort()).toEqual(
      [1, 2],
    )
    await ask((done) => store.destroy('one', done))
    expect(await ask<number>((done) => store.length(done))).toBe(1)
    await ask((done) => store.clear(done))
    expect(await ask<number>((done) => store.length(done))).toBe(0)
    expect(await ask<SessionData | null>((done) => store.get('two', done))).toBeNull()
  })

  it('trap 29: touch() lengthens the life by the millisecond, refreshes the cookie and leaves the data alone', async () => {
    const store = open()
    await ask((done) => store.set('one', made(1, 20_000), done))

    await ask((done) => store.touch('one', made(99, 80_500), done))

    const found = await ask<SessionData | null>((done) => store.get('one', done))
    expect(found).toMatchObject({ n: 1 })
    expect(new Date(String(found?.cookie.expires)).getTime() - Date.now()).toBeGreaterThan(60_000)
  })

  it('touch() of what is gone revives nothing', async () => {
    const store = open()

    await ask((done) => store.touch('gone', made(1), done))

    expect(await ask<SessionData | null>((done) => store.get('gone', done))).toBeNull()
    expect(await ask<number>((done) => store.length(done))).toBe(0)
  })

  it('a session whose cookie has expired is not kept', async () => {
    const store = open()

    await ask((done) => store.set('one', made(1, -1), done))

    expect(await ask<SessionData | null>((done) => store.get('one', done))).toBeNull()
  })

  it('express-session works with it: kept, regenerated, destroyed', async () => {
    const app = express()
    const store = open()
    app.use(
      session({
        store,
        secret: 'x',
        resave: false,
        saveUninitialized: false,
        rolling: true,
        cookie: { maxAge: 60_000 },
      }),
    )
    app.get('/add', (req, res) => {
      const own = req.session as object as { n?: number }
      own.n = (own.n ?? 0) + 1
      res.json(own.n)
    })
    app.get('/new', (req, res, next) => {
      const own = req.session as object as session.Session
      own.regenerate((error) => (error ? next(error) : res.json(null)))
    })
    app.get('/end', (req, res, next) => {
      const own = req.session as object as session.Session
      own.destroy((error) => (error ? next(error) : res.json(null)))
    })
    const server = createServer(app)
    const browser = new Browser(await listen(server))
    onTestFinished(() => closeServer(server))

    expect((await browser.get('/add')).body).toBe(1)
    expect((await browser.get('/add')).body).toBe(2)
    const old = browser.cookie
    await browser.get('/new')
    expect((await browser.get('/add')).body).toBe(1)
    expect(browser.cookie).not.toBe(old)
    await browser.get('/end')
    expect((await browser.get('/add')).body).toBe(1)
    expect(await ask<number>((done) => store.length(done))).toBe(1)
  })
})

describe('ExpressSessionStore', () => {
  it('without a cookie’s end a session lasts for ttl', async () => {
    const clock = new FakeClock()
    const store = new ExpressSessionStore({ ttl: '1m', clock })
    const cookie = new session.Cookie()
    const get = (): Promise<unknown> =>
      new Promise((resolve) => store.get('one', (_e, v) => resolve(v)))
    await new Promise((resolve) => store.set('one', { cookie, n: 1 }, resolve))

    clock.advance(59_999)
    expect(await get()).toMatchObject({ n: 1 })
    clock.advance(1)
    expect(await get()).toBeNull()
  })

  it('reads on what connect-redis has kept', async () => {
    const prefix = newNamespace()
    const client = new Redis(redis.server.url)
    const store = new ExpressSessionStore({ redis: client, prefix })
    onTestFinished(() => client.disconnect())
    await client.set(`${prefix}one`, JSON.stringify({ cookie: { path: '/' }, n: 7 }), 'EX', 60)

    const found = await new Promise((resolve) =>
      store.get('one', (_error, value) => resolve(value)),
    )

    expect(found).toEqual({ cookie: { path: '/' }, n: 7 })
  })

  it('trap 30: while Redis is away calls fail, disconnect and connect are told', async () => {
    const store = new ExpressSessionStore({ redis: redis.server.url, ioTimeout: 200 })
    onTestFinished(() => store.close())
    const told: string[] = []
    const heard = (event: string): Promise<void> =>
      new Promise((resolve) =>
        store.once(event, () => {
          told.push(event)
          resolve()
        }),
      )
    await heard('connect')
    const [gone, back] = [heard('disconnect'), heard('connect')]
    await redis.server.kill()

    await gone
    const error = await new Promise((resolve) => store.get('one', (given) => resolve(given)))
    expect(error).toMatchObject({ code: 'ERR_SESSION_STORE_UNAVAILABLE', status: 503 })
    await redis.server.restart()
    await back

    expect(told).toEqual(['connect', 'disconnect', 'connect'])
  })

  it('bad options throw', () => {
    expect(() => new ExpressSessionStore({ ttl: 'soon' as never })).toThrow(
      /ttl: found "soon", wanted a/,
    )
    expect(() => new ExpressSessionStore({ client: 1 } as never)).toThrow(/client: unknown option/)
  })
})
