import { createRequire } from 'node:module'
import cookie from '@fastify/cookie'
import type { PlugInStoreOptions } from '@hotpath/session/express-session'
import { FastifySessionStore } from '@hotpath/session/fastify-session'
import fastify, { type FastifyPluginAsync } from 'fastify'
import { describe, expect, it, onTestFinished } from 'vitest'
import { newNamespace, PATIENT, SECRET, useRedis } from '../harness.ts'
import { Browser } from '../session-suite.ts'

// Its types say what `request.session` is for all of this program, and so do ours.
const fastifySession = createRequire(import.meta.url)('@fastify/session') as FastifyPluginAsync<{
  secret: string
  store: FastifySessionStore
  cookie: object
  saveUninitialized?: boolean
}>

/** What @fastify/session puts on a request. */
interface TheirSession {
  n?: number
  regenerate(): Promise<void>
  destroy(): Promise<void>
}

const redis = useRedis()
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
