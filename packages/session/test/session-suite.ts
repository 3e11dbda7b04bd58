import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import type { Session, SessionManager, SessionOptions } from '../src/index.ts'
import { newNamespace, PATIENT, SECRET } from './harness.ts'

/** What a handler of the suite is given, behind whatever framework. */
export interface Visit {
  readonly session: Session
  readonly sessions: SessionManager
  readonly path: string
  readonly req: IncomingMessage
  readonly res: ServerResponse
}

/** Gives what is answered as JSON; `undefined` where it has answered by itself. */
export type SuiteHandler = (visit: Visit) => unknown

/** One framework. */
export interface SessionDriver {
  readonly name: string
  start(
    handler: SuiteHandler,
    sessions: SessionManager,
  ): Promise<{ port: number; close(): Promise<void> }>
}

/** Where sessions are kept. */
export interface SuiteStore {
  readonly name: string
  options(): Partial<SessionOptions>
}

export async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

export async function closeServer(server: Server): Promise<void> {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
}

/** The bare server of Node. */
export function nodeDriver(): SessionDriver {
  return {
    name: 'node:http',
    async start(handler, sessions) {
      const server = createServer((req, res) => {
        const session = sessions.attach(req, res)
        const answer = async () => {
          const body = await handler({ session, sessions, path: req.url ?? '', req, res })
          if (body !== undefined) res.end(JSON.stringify(body))
        }
        answer().catch((error: { status?: number; headers?: Record<string, string> }) => {
          res.writeHead(error.status ?? 500, error.headers)
          res.end(String(error))
        })
      })
      return { port: await listen(server), close: () => closeServer(server) }
    },
  }
}

/** A browser: it keeps one cookie. */
export class Browser {
  cookie: string | undefined
  readonly port: number

  constructor(port: number, cookie?: string) {
    this.port = port
    this.cookie = cookie
  }

  async get(
    path: string,
  ): Promise<{ status: number; body: unknown; headers: Headers; text: string }> {
    const headers: Record<string, string> = this.cookie === undefined ? {} : { cookie: this.cookie }
    const response = await fetch(`http://127.0.0.1:${this.port}${path}`, { headers })
    const text = await response.text()
    for (const field of response.headers.getSetCookie()) {
      const [pair = ''] = field.split(';')
      this.cookie = pair.endsWith('=') ? undefined : pair
    }
    let body: unknown
    try {
      body = JSON.parse(text)
    } catch {}
    return { status: response.status, body, headers: response.headers, text }
  }
}

/** What sessions do, end to end. */
export function sessionSuite(driver: SessionDriver, store: SuiteStore): void {
  describe(`sessions of ${driver.name} in ${store.name}`, () => {
    const closers: (() => Promise<void>)[] = []
    afterEach(async () => {
      for (const close of closers.splice(0)) await close()
    })
    const serve = async (
      handler: SuiteHandler,
      options: Partial<SessionOptions> = {},
    ): Promise<{ sessions: SessionManager; open: (cookie?: string) => Browser }> => {
      const { createSessionManager } = await import('../src/index.ts')
      const sessions = createSessionManager({
        secret: SECRET,
        namespace: newNamespace(),
        ioTimeout: PATIENT,
        ...store.options(),
        ...options,
      })
      const server = await driver.start(handler, sessions)
      closers.push(
        () => server.close(),
        () => sessions.close(),
      )
      return { sessions, open: (cookie) => new Browser(server.port, cookie) }
    }
    const routes =
      (table: Record<string, SuiteHandler>): SuiteHandler =>
      (visit) =>
        table[visit.path]?.(visit) ?? null
    const set: SuiteHandler = ({ session }) => {
      session.set('n', 1)
      return 'set'
    }
    const get: SuiteHandler = async ({ session }) => (await session.get('n')) ?? null

    it('what one request sets the next one gets', async () => {
      const { open } = await serve(routes({ '/set': set, '/get': get }))
      const browser = open()

      await browser.get('/set')

      expect((await browser.get('/get')).body).toBe(1)
      expect((await open().get('/get')).body).toBeNull()
    })

    it('a handler that does not use the session changes nothing of its response', async () => {
      const { open } = await serve(() => 'hello')

      const { headers } = await open('sid=nonsense').get('/')

      expect(headers.get('set-cookie')).toBeNull()
      expect(headers.get('cache-control')).toBeNull()
    })

    it('no data, no session: reading sets no cookie and keeps the response private', async () => {
      const { open } = await serve(get)

      const { headers } = await open().get('/')

      expect(headers.get('set-cookie')).toBeNull()
      expect(headers.get('cache-control')).toBe('private')
      expect(headers.get('vary')).toBe('Cookie')
    })

    it('the cookie is HttpOnly and SameSite=Lax, and its response is kept by no cache', async () => {
      const { open } = await serve(set)

      const { headers } = await open().get('/')

      expect(headers.get('set-cookie')).toMatch(
        /^sid=[\w-]+\.[\w-]+; Path=\/; HttpOnly; SameSite=Lax$/,
      )
      expect(headers.get('cache-control')).toBe('no-store')
    })

    it('a secure cookie is named __Host- by default', async () => {
      const { open } = await serve(set, { cookie: { secure: true, partitioned: true } })

      const { headers } = await open().get('/')

      expect(headers.get('set-cookie')).toMatch(/^__Host-sid=.*; Secure; Partitioned/)
    })

    it('a change deep inside of a value is noticed', async () => {
      const { open } = await serve(
        routes({
          '/set': ({ session }) => {
            session.set('cart', { items: [{ id: 1 }] })
            return null
          },
          '/push': async ({ session }) => {
            const cart = (await session.get('cart')) as { items: { id: number }[] }
            cart.items.push({ id: 2 })
            return null
          },
          '/get': ({ session }) => session.get('cart'),
        }),
      )
      const browser = open()
      for (const path of ['/set', '/push']) await browser.get(path)

      expect((await browser.get('/get')).body).toEqual({ items: [{ id: 1 }, { id: 2 }] })
    })

    it('trap 25: two parallel requests that write different keys lose nothing', async () => {
      const both = meeting(2)
      const { open } = await serve(async ({ session, path }) => {
        if (path === '/set') session.set('n', 1)
        if (path.startsWith('/write/')) {
          await session.get('n')
          await both()
          session.set(path.slice(7), 1)
        }
        return await session.all()
      })
      const browser = open()
      await browser.get('/set')

      await Promise.all([browser.get('/write/left'), browser.get('/write/right')])

      expect((await browser.get('/')).body).toEqual({ n: 1, left: 1, right: 1 })
    })

    it('two parallel changes of one record are merged; rejected if asked so', async () => {
      const handler = (): SuiteHandler => {
        const both = meeting(2)
        return async ({ session, path }) => {
          if (path === '/set') session.set('cart', {})
          if (path.startsWith('/write/')) {
            const cart = (await session.get('cart')) as Record<string, number>
            await both()
            cart[path.slice(7)] = 1
          }
          return (await session.get('cart')) ?? null
        }
      }
      const results = async (options: Partial<SessionOptions>) => {
        const { open } = await serve(handler(), options)
        const browser = open()
        await browser.get('/set')
        const answers = await Promise.all(['a', 'b'].map((key) => browser.get(`/write/${key}`)))
        const { body } = await browser.get('/')
        return { statuses: answers.map(({ status }) => status).sort(), body }
      }

      expect(await results({})).toEqual({ statuses: [200, 200], body: { a: 1, b: 1 } })
      expect((await results({ conflict: 'reject' })).statuses).toEqual([200, 409])
    })

    it('update() loses no count under 20 parallel requests', async () => {
      const { open } = await serve(async ({ session, path }) => {
        if (path === '/set') session.set('n', 0)
        else if (path === '/add') return await session.update('n', (n) => Number(n) + 1)
        return (await session.get('n')) ?? null
      })
      const browser = open()
      await browser.get('/set')

      await Promise.all(Array.from({ length: 20 }, () => browser.get('/add')))

      expect((await browser.get('/')).body).toBe(20)
    })

    it('trap 26: a write in flight when the user logs out revives nothing', async () => {
      const [begun, go] = [meeting(2), meeting(2)]
      const { open, sessions } = await serve(async ({ session, path }) => {
        if (path === '/login') await session.login('ada')
        if (path === '/logout') await session.logout()
        if (path === '/slow') {
          await session.get('n')
          await begun()
          await go()
          session.set('n', 2)
        }
        return (await session.userId()) ?? null
      })
      const browser = open()
      await browser.get('/login')
      const old = browser.cookie
      const slow = open(old).get('/slow')
      await begun()

      await browser.get('/logout')
      await go()
      const { status, headers } = await slow

      expect(status).toBe(200)
      expect(headers.get('set-cookie')).toBeNull()
      expect((await open(old).get('/')).body).toBeNull()
      expect(await sessions.list('ada')).toEqual([])
    })

    it('trap 27: a change after the head was sent throws, or is told and not stored', async () => {
      const errors: unknown[] = []
      const handler: SuiteHandler = async ({ session, res }) => {
        const theme = await session.get('theme')
        res.writeHead(200, { 'Content-Type': 'text/plain' })
        res.write('begun')
        try {
          session.set('theme', `${theme} dark`)
        } catch (error) {
          errors.push((error as { code: string }).code)
        }
        res.end()
      }
      const development = await serve(raw(handler))
      const production = await serve(raw(handler), { development: false })
      const lost: unknown[] = []
      production.sessions.on('lost', ({ because }) => lost.push(because))

      expect((await development.open().get('/')).headers.get('set-cookie')).toBeNull()
      expect((await production.open().get('/')).headers.get('set-cookie')).toBeNull()

      expect(errors).toEqual(['ERR_SESSION_TOO_LATE'])
      expect(lost).toEqual(['head-sent'])
    })

    it('trap 31: login() keeps the data, changes the id and ends the old one', async () => {
      const { open, sessions } = await serve(async ({ session, path }) => {
        if (path === '/set') session.set('n', 1)
        if (path === '/login') await session.login('ada', { device: 'a phone' })
        return { n: (await session.get('n')) ?? null, user: (await session.userId()) ?? null }
      })
      const browser = open()
      await browser.get('/set')
      const old = browser.cookie

      await browser.get('/login')

      expect((await browser.get('/')).body).toEqual({ n: 1, user: 'ada' })
      expect(browser.cookie).not.toBe(old)
      expect((await open(old).get('/')).body).toEqual({ n: null, user: null })
      expect(await sessions.list('ada')).toMatchObject([{ device: 'a phone' }])
    })

    it('login() as another user leaves nothing of the first one', async () => {
      const { open } = await serve(async ({ session, path }) => {
        await session.login(path)
        const before = await session.all()
        session.set('secret', path)
        return before
      })
      const browser = open()
      await browser.get('/ada')

      expect((await browser.get('/bob')).body).toEqual({})
    })

    it('regenerate() keeps what it is told and ends the old id', async () => {
      const { open } = await serve(async ({ session, path }) => {
        if (path === '/set') for (const key of ['a', 'b']) session.set(key, 1)
        if (path === '/new') await session.regenerate({ keep: ['b'] })
        return await session.all()
      })
      const browser = open()
      await browser.get('/set')
      const old = browser.cookie
      await browser.get('/new')

      expect((await browser.get('/')).body).toEqual({ b: 1 })
      expect((await open(old).get('/')).body).toEqual({})
    })

    it('logout() clears the cookie, and what is set afterwards begins a new session', async () => {
      const { open } = await serve(async ({ session, path }) => {
        if (path === '/login') await session.login('ada')
        if (path !== '/login') await session.logout()
        if (path === '/bye') await session.flash('notice', 'bye')
        return null
      })
      const browser = open()
      await browser.get('/login')
      const before = browser.cookie

      expect((await browser.get('/bye')).headers.get('set-cookie')).toMatch(/^sid=./)
      expect(browser.cookie).not.toBe(before)
      const { headers } = await browser.get('/logout')
      expect(headers.get('set-cookie')).toMatch(/^sid=; .*Max-Age=0/)
      expect(browser.cookie).toBeUndefined()
    })

    it('a request with the id of before a login begins no session in place of the new one', async () => {
      const { open } = await serve(async ({ session, path }) => {
        if (path === '/login') await session.login('ada')
        else if (path === '/read') await session.get('n')
        if (path !== '/login' && path !== '/user') session.set('n', path)
        return (await session.userId()) ?? null
      })
      const browser = open()
      await browser.get('/')
      const old = browser.cookie
      await browser.get('/login')

      for (const path of ['/read', '/blind']) {
        const { status, headers } = await open(old).get(path)
        expect([status, headers.get('set-cookie')]).toEqual([200, null])
      }
      expect((await browser.get('/user')).body).toBe('ada')
    })

    it('set() refuses at once what is no data', async () => {
      const codes: unknown[] = []
      const { open } = await serve(({ session }) => {
        for (const value of [() => 1, Symbol('s'), { deep: [() => 1] }, undefined]) {
          try {
            session.set('value', value)
          } catch (error) {
            codes.push((error as { code: unknown }).code)
          }
        }
        return 'done'
      })

      const { body, headers } = await open().get('/')

      expect([body, headers.get('set-cookie')]).toEqual(['done', null])
      expect(codes).toEqual(Array(4).fill('ERR_SESSION_VALUE'))
    })

    it('who streams while the session is being written is held back, and told to go on', async () => {
      const { open } = await serve(
        raw(async ({ session, res }) => {
          session.set('n', 1)
          const isRoom = res.write('begun, ')
          if (!isRoom) await new Promise<void>((resolve) => res.once('drain', resolve))
          res.end(isRoom ? 'at once' : 'after drain')
        }),
      )

      expect((await open().get('/')).text).toBe('begun, after drain')
    })

    it('flash() is none of the keys of the app', async () => {
      const { open } = await serve(async ({ session, path }) => {
        if (path === '/set') {
          session.set('notice', 'mine')
          await session.flash('notice', 'theirs')
        }
        return [await session.all(), await session.flash('notice')]
      })
      const browser = open()

      expect((await browser.get('/set')).body).toEqual([{ notice: 'mine' }, ['theirs']])
      expect((await browser.get('/')).body).toEqual([{ notice: 'mine' }, []])
    })

    it('flash() gives each message once', async () => {
      const { open } = await serve(async ({ session, path }) => {
        if (path !== '/read') await session.flash('notice', path)
        return path === '/read' ? await session.flash('notice') : null
      })
      const browser = open()
      for (const path of ['/one', '/two']) await browser.get(path)

      expect((await browser.get('/read')).body).toEqual(['/one', '/two'])
      expect((await browser.get('/read')).body).toEqual([])
    })

    it('revokeAll() ends the other sessions of a user, revoke() one that is theirs', async () => {
      const { open, sessions } = await serve(async ({ session, path }) => {
        if (path !== '/') await session.login(path.slice(1))
        return { user: (await session.userId()) ?? null, id: session.id ?? null }
      })
      const [laptop, phone, other] = [open(), open(), open()]
      const { id } = (await laptop.get('/ada')).body as { id: string }
      const { id: othersId } = (await other.get('/bob')).body as { id: string }
      await phone.get('/ada')

      expect(await sessions.revokeAll('ada', { except: id })).toBe(1)
      expect(await sessions.revoke(othersId, { userId: 'ada' })).toBe(false)
      expect(await sessions.revoke('no handle at all', { userId: 'ada' })).toBe(false)

      expect((await laptop.get('/')).body).toMatchObject({ user: 'ada' })
      expect((await phone.get('/')).body).toMatchObject({ user: null })
      expect((await other.get('/')).body).toMatchObject({ user: 'bob' })
      expect(await sessions.revoke(othersId)).toBe(true)
      await sessions.revokeEveryone()
      expect((await laptop.get('/')).body).toMatchObject({ user: null })
    })

    it('trap 34: an id that a client made up is never adopted', async () => {
      const { open } = await serve(set)
      const forged = `sid=00${'A'.repeat(43)}.${'A'.repeat(43)}`
      const browser = open(forged)

      await browser.get('/')

      expect(browser.cookie).not.toBe(forged)
    })

    it('trap 34: an id of a session that is gone is not taken up again', async () => {
      const { open } = await serve(async ({ session, path }) => {
        if (path === '/end') await session.destroy()
        else if (path === '/read') await session.get('n')
        else session.set('n', 1)
        return null
      })
      const browser = open()
      await browser.get('/')
      const old = browser.cookie
      await browser.get('/end')
      browser.cookie = old

      await browser.get('/')

      expect(browser.cookie).not.toBe(old)
    })

    it('trap 35: of two valid cookies of one name neither is used; a forged one beside it does no harm', async () => {
      const { open, sessions } = await serve(routes({ '/set': set, '/get': get }))
      const told: unknown[] = []
      sessions.on('duplicateCookies', (detail) => told.push(detail))
      const [mine, planted] = [open(), open()]
      for (const browser of [mine, planted]) await browser.get('/set')

      expect((await open(`${planted.cookie}; ${mine.cookie}`).get('/get')).body).toBeNull()
      expect((await open(`sid=forged; ${mine.cookie}`).get('/get')).body).toBe(1)
      expect(told).toEqual([{ count: 2 }])
    })

    it('sessions made under a previous secret go on; those of a removed one do not', async () => {
      const next = 'another secret for tests, quite as long'
      const handler = routes({ '/set': set, '/get': get })
      const shared = { namespace: newNamespace() }
      const before = await serve(handler, shared)
      const browser = before.open()
      await browser.get('/set')
      const rotated = await serve(handler, { ...shared, secret: [next, SECRET] })
      const removed = await serve(handler, { ...shared, secret: next })

      // Memory is not shared between managers: there only the signature is seen to be good.
      const kept = (await rotated.open(browser.cookie).get('/get')).body
      expect(kept).toBe(store.name === 'memory' ? null : 1)
      expect((await removed.open(browser.cookie).get('/get')).body).toBeNull()
    })

    it('an id older than renewalTimeout is replaced, and the old one still leads there for a while', async () => {
      const { open } = await serve(routes({ '/set': set, '/get': get }), { renewalTimeout: 1 })
      const browser = open()
      await browser.get('/set')
      const old = browser.cookie
      await new Promise((resolve) => setTimeout(resolve, 5))

      expect((await browser.get('/get')).body).toBe(1)
      expect(browser.cookie).not.toBe(old)
      expect((await open(old).get('/get')).body).toBe(1)
    })

    it('csrfToken() is of one session only', async () => {
      const { open } = await serve(async ({ session, req }) => {
        const token = req.headers['x-token'] ?? (req.url ?? '').split('token=')[1]
        return token ? await session.verifyCsrf(token) : await session.csrfToken()
      })
      const [mine, other] = [open(), open()]
      const token = (await mine.get('/')).body as string
      await other.get('/')

      expect((await mine.get('/')).body).not.toBe(token)
      expect((await mine.get(`/?token=${token}`)).body).toBe(true)
      expect((await other.get(`/?token=${token}`)).body).toBe(false)
    })

    it('a streamed response with a new session arrives whole, and its cookie with it', async () => {
      const { open } = await serve(
        raw(async ({ session, res }) => {
          session.set('n', 1)
          res.writeHead(201, 'Made', { 'Content-Type': 'text/plain', 'Set-Cookie': 'other=1' })
          for (const part of ['one ', 'two ', 'three']) res.write(part)
          res.end('.')
        }),
      )

      const { status, text, headers } = await open().get('/')

      expect([status, text]).toEqual([201, 'one two three.'])
      expect(headers.getSetCookie()).toHaveLength(2)
    })

    it('a response whose end() was looked up before the session was used waits for it all the same', async () => {
      const { open } = await serve(
        raw(async ({ session, res }) => {
          const next = async (): Promise<string> => {
            const n = Number((await session.get('n')) ?? 0) + 1
            session.set('n', n)
            return String(n)
          }
          res.end(await next())
        }),
      )
      const browser = open()

      const answers = []
      for (let visit = 0; visit < 3; visit += 1) answers.push((await browser.get('/')).text)

      expect(answers).toEqual(['1', '2', '3'])
    })

    it('values of any kind come back as they were, encrypted or not', async () => {
      const value = { at: new Date(0), set: new Set([1]), big: 10n, none: undefined, text: 'é' }
      for (const encryption of [
        undefined,
        { keys: ['a key of more than thirty-two characters'] },
      ]) {
        const seen: unknown[] = []
        const { open } = await serve(
          async ({ session, path }) => {
            if (path === '/set') session.set('value', value)
            else seen.push(await session.get('value'))
            return null
          },
          { encryption },
        )
        const browser = open()
        for (const path of ['/set', '/get']) await browser.get(path)

        expect(seen).toEqual([value])
      }
    })

    it('unset() removes a key, reload() forgets what was changed, all() gives the rest', async () => {
      const { open } = await serve(async ({ session, path }) => {
        if (path === '/set') for (const key of ['a', 'b', 'c']) session.set(key, 1)
        if (path === '/unset') session.unset('a')
        if (path === '/blind') {
          session.unset('b')
          return null
        }
        if (path === '/reload') {
          session.set('c', 2)
          await session.reload()
        }
        return await session.all()
      })
      const browser = open()
      await browser.get('/set')

      expect((await browser.get('/unset')).body).toEqual({ b: 1, c: 1 })
      await browser.get('/blind')
      expect((await browser.get('/reload')).body).toEqual({ c: 1 })
      expect((await browser.get('/')).body).toEqual({ c: 1 })
    })

    it('a persistent cookie says for how long, and goes with the attributes it came with', async () => {
      const { open } = await serve(
        async ({ session, path }) => {
          if (path === '/end') await session.destroy()
          else session.set('n', 1)
          return null
        },
        {
          absoluteTimeout: '1h',
          cookie: { persistent: true, domain: 'a.test', path: '/x', sameSite: 'strict' },
        },
      )
      const browser = open()

      const begun = (await browser.get('/')).headers.get('set-cookie')
      const ended = (await browser.get('/end')).headers.get('set-cookie')

      const attributes = 'Domain=a.test; Path=/x'
      expect(begun).toMatch(/^sid=[\w.-]{89}; Max-Age=3600; /)
      expect(ended).toMatch(/^sid=; Max-Age=0; /)
      for (const field of [begun, ended]) {
        expect(field).toContain(attributes)
        expect(field).toMatch(/HttpOnly; SameSite=Strict$/)
      }
    })

    it('what is flashed before a login is there after it, and a CSRF token of before is good no longer', async () => {
      const { open } = await serve(async ({ session, path }) => {
        if (path === '/token') return await session.csrfToken()
        if (path === '/login') {
          await session.flash('notice', 'welcome')
          await session.login('ada')
          return null
        }
        if (path === '/flash') return await session.flash('notice')
        return await session.verifyCsrf(path.slice(1))
      })
      const browser = open()
      const token = String((await browser.get('/token')).body)
      expect((await browser.get(`/${token}`)).body).toBe(true)

      await browser.get('/login')

      expect((await browser.get('/flash')).body).toEqual(['welcome'])
      expect((await browser.get(`/${token}`)).body).toBe(false)
    })

    it('trap 27: a change deep inside of a value after the head was sent is told', async () => {
      const { open, sessions } = await serve(
        raw(async ({ session, path, res }) => {
          if (path === '/set') session.set('cart', [1])
          const cart = (await session.get('cart')) as number[]
          res.writeHead(200)
          res.write('begun')
          if (path === '/late') cart.push(2)
          res.end()
        }),
      )
      const lost: unknown[] = []
      sessions.on('lost', ({ because }) => lost.push(because))
      const browser = open()
      for (const path of ['/set', '/']) await browser.get(path)
      expect(lost).toEqual([])

      await browser.get('/late')

      expect(lost).toEqual(['head-sent'])
    })

    it('fromUpgrade() never gives the session an id that its browser could not be told of', async () => {
      const { open, sessions } = await serve(routes({ '/set': set, '/get': get }), {
        renewalTimeout: 1,
        renewalGrace: 0,
      })
      const thefts: unknown[] = []
      sessions.on('theft', (detail) => thefts.push(detail))
      const browser = open()
      await browser.get('/set')
      const request = { headers: { cookie: browser.cookie } } as IncomingMessage
      await new Promise((resolve) => setTimeout(resolve, 5))

      const session = await sessions.fromUpgrade(request)
      session?.set('n', 2)
      await session?.save()

      for (const move of [session?.login('ada'), session?.regenerate()]) {
        await expect(move).rejects.toMatchObject({ code: 'ERR_SESSION_TOO_LATE' })
      }
      expect((await browser.get('/get')).body).toBe(2)
      expect(thefts).toEqual([])
      const leaving = await sessions.fromUpgrade({
        headers: { cookie: browser.cookie },
      } as IncomingMessage)
      await leaving?.logout()
      leaving?.set('n', 3)
      await expect(leaving?.save()).rejects.toMatchObject({ code: 'ERR_SESSION_TOO_LATE' })
    })

    it('fromUpgrade() gives the session of a WebSocket’s request', async () => {
      const { open, sessions } = await serve(set)
      const browser = open()
      await browser.get('/')
      const request = { headers: { cookie: browser.cookie } } as IncomingMessage

      const session = await sessions.fromUpgrade(request)
      session?.set('n', 2)
      await session?.save()

      expect(await (await sessions.fromUpgrade(request))?.get('n')).toBe(2)
      expect(await sessions.fromUpgrade({ headers: {} } as IncomingMessage)).toBeUndefined()
    })
  })
}

/** A handler that answers by itself, whatever the framework. */
function raw(handler: SuiteHandler): SuiteHandler {
  return async (visit) => {
    await handler(visit)
    return undefined
  }
}

/** Lets callers go on when `count` have come. */
function meeting(count: number): () => Promise<void> {
  let open = (): void => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  let waiting = count
  return async () => {
    waiting -= 1
    if (waiting === 0) open()
    await opened
  }
}
