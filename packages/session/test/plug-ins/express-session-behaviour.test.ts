import { createServer } from 'node:http'
import { ExpressSessionStore } from '@hotpath/session/express-session'
import express from 'express'
import session, { MemoryStore, type SessionOptions, type Store } from 'express-session'
import { describe, expect, it, onTestFinished } from 'vitest'
import { newNamespace, PATIENT, useRedis } from '../harness.ts'
import { Browser, closeServer, listen } from '../session-suite.ts'

declare module 'express-session' {
  interface SessionData {
    cart?: string[]
  }
}

const redis = useRedis()

function owned(store: ExpressSessionStore): Store {
  onTestFinished(() => store.close())
  return store
}

/** Their own store is among them: what it does is what is expected of ours. */
const stores: [name: string, open: () => Store][] = [
  ['their MemoryStore', () => new MemoryStore()],
  ['memory', () => owned(new ExpressSessionStore())],
  [
    'Redis',
    () => {
      const options = { redis: redis.server.url, prefix: newNamespace(), ioTimeout: PATIENT }
      return owned(new ExpressSessionStore(options))
    },
  ],
]

type Own = session.Session & session.SessionData
type Done = (error?: unknown) => void

/** Of this program's own Request the session is another one. */
function own(req: object): Own {
  return (req as { session: Own }).session
}

const steps: Record<string, (req: express.Request, done: Done) => void> = {
  '/nothing': (_req, done) => done(),
  '/add': (req, done) => {
    own(req).cart = [...(own(req).cart ?? []), 'tea']
    done()
  },
  '/push': (req, done) => {
    own(req).cart?.push('milk')
    done()
  },
  '/regenerate': (req, done) => own(req).regenerate(done),
  '/destroy': (req, done) => own(req).destroy(done),
  '/unset': (req, done) => {
    ;(req as { session: unknown }).session = null
    done()
  },
  '/end': (req, done) => {
    own(req).cookie.maxAge = -1
    done()
  },
  '/save': (req, done) => {
    own(req).cart = ['saved']
    own(req).save((error) => {
      if (error) done(error)
      else own(req).reload(done)
    })
  },
  '/reload-gone': (req, done) => {
    req.sessionStore.destroy(own(req).id, () => own(req).reload((error) => done(error)))
  },
}

describe.each(stores)('express-session with %s', (_name, open) => {
  const serve = async (
    options: Partial<SessionOptions> = {},
  ): Promise<{ browser: Browser; calls: string[]; count(): Promise<number | undefined> }> => {
    const store = open()
    const calls: string[] = []
    for (const name of ['set', 'touch', 'destroy'] as const) {
      const call = store[name] as (...args: unknown[]) => void
      const told = (...args: unknown[]): void => {
        calls.push(name)
        call.apply(store, args)
      }
      Object.assign(store, { [name]: told })
    }
    const app = express()
    const defaults = { secret: 'a secret', resave: false, saveUninitialized: false }
    app.use(session({ store, ...defaults, cookie: { maxAge: 60_000 }, ...options }))
    app.use((req, res, next) => {
      const step = steps[req.path]
      step?.(req, (error) => {
        if (error) next(error)
        else res.json({ cart: own(req)?.cart ?? null, id: own(req)?.id ?? null })
      })
    })
    app.use(((error: Error, _req, res, _next) => {
      res.status(500).json(error.message)
    }) satisfies express.ErrorRequestHandler)
    const server = createServer(app)
    const browser = new Browser(await listen(server))
    onTestFinished(() => closeServer(server))
    const count = (): Promise<number | undefined> =>
      new Promise((resolve, reject) => {
        store.length?.((error, length) => (error ? reject(error) : resolve(length)))
      })
    return { browser, calls, count }
  }
  const cart = async (browser: Browser, path: string): Promise<unknown> =>
    ((await browser.get(path)).body as { cart: unknown }).cart

  it('keeps nothing of a session that nobody has written to, unless saveUninitialized', async () => {
    const { browser, count } = await serve()
    const eager = await serve({ saveUninitialized: true })

    expect((await browser.get('/nothing')).headers.get('set-cookie')).toBeNull()
    expect((await eager.browser.get('/nothing')).headers.get('set-cookie')).toMatch(/^connect.sid=/)
    expect([await count(), await eager.count()]).toEqual([0, 1])
  })

  it('writes what has changed, deep inside as well, and touches what has not', async () => {
    const { browser, calls } = await serve()

    for (const path of ['/add', '/nothing', '/push', '/nothing']) await browser.get(path)

    expect(calls).toEqual(['set', 'touch', 'set', 'touch'])
    expect(await cart(browser, '/nothing')).toEqual(['tea', 'milk'])
  })

  it('writes all the same with resave', async () => {
    const { browser, calls } = await serve({ resave: true })

    for (const path of ['/add', '/nothing']) await browser.get(path)

    expect(calls).toEqual(['set', 'set'])
  })

  it('sets the cookie again only with rolling', async () => {
    const [plain, rolling] = [await serve(), await serve({ rolling: true })]
    const again = async ({ browser }: { browser: Browser }): Promise<boolean> => {
      await browser.get('/add')
      return (await browser.get('/nothing')).headers.has('set-cookie')
    }

    expect([await again(plain), await again(rolling)]).toEqual([false, true])
  })

  it('regenerate() gives an empty session of another id and removes the old one', async () => {
    const { browser, count } = await serve()
    const { id } = (await browser.get('/add')).body as { id: string }
    const old = browser.cookie

    const next = (await browser.get('/regenerate')).body

    expect(next).toMatchObject({ cart: null })
    expect(next).not.toMatchObject({ id })
    await browser.get('/add')
    browser.cookie = old
    expect(await cart(browser, '/nothing')).toBeNull()
    expect(await count()).toBe(1)
  })

  it('destroy() removes it, unset too if told to', async () => {
    for (const [path, options] of [
      ['/destroy', {}],
      ['/unset', { unset: 'destroy' }],
    ] as const) {
      const { browser, count } = await serve(options)
      await browser.get('/add')
      expect(await count()).toBe(1)

      await browser.get(path)

      expect(await count()).toBe(0)
      expect(await cart(browser, '/nothing')).toBeNull()
    }
    const kept = await serve({ unset: 'keep' })
    for (const path of ['/add', '/unset']) await kept.browser.get(path)
    expect(await cart(kept.browser, '/nothing')).toEqual(['tea'])
  })

  it('save() is there for the reload() that follows it; a reload() of what is gone fails', async () => {
    const { browser } = await serve()

    expect(await cart(browser, '/save')).toEqual(['saved'])
    expect(await browser.get('/reload-gone')).toMatchObject({
      status: 500,
      body: 'failed to load session',
    })
  })

  it('a session whose cookie is over is over', async () => {
    const { browser } = await serve()
    await browser.get('/add')

    await browser.get('/end')

    expect(await cart(browser, '/nothing')).toBeNull()
  })

  it('a cookie that was not signed here begins another session; one of an old secret is good', async () => {
    const { browser } = await serve({ secret: ['new', 'old'] })
    await browser.get('/add')
    const good = browser.cookie ?? ''

    browser.cookie = `${good.slice(0, -3)}abc`
    expect(await cart(browser, '/nothing')).toBeNull()
    browser.cookie = good
    expect(await cart(browser, '/nothing')).toEqual(['tea'])
  })
})
