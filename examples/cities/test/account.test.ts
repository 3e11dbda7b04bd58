import type { RedisServer } from '@hotpath/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Demo } from '../src/start/start-demo.ts'
import { Browser, SERVERS } from './browser.ts'
import { MARSEILLE, PARIS, startSmall } from './start.ts'
import { STORES } from './stores.ts'

describe.each(STORES)('sessions $name', ({ start }) => {
  let redis: RedisServer | undefined
  let demo: Demo

  beforeAll(async () => {
    redis = await start()
    demo = await startSmall({ redisUrl: redis?.url })
  })

  afterAll(async () => {
    await demo.close()
    await redis?.stop()
  })

  describe.each(SERVERS)('on %s', (server) => {
    const other = server === 'express' ? 'fastify' : 'express'

    it('a login on one server is a login on both, and so is a logout', async () => {
      const browser = new Browser(demo)

      const login = await browser.login(server, 'Ada')

      expect([login.status, login.body]).toEqual([200, { user: 'Ada' }])
      expect([await browser.user(server), await browser.user(other)]).toEqual(['Ada', 'Ada'])
      expect((await browser.change(other, 'POST', '/api/logout')).body).toEqual({ user: null })
      expect([await browser.user(server), await browser.user(other)]).toEqual([null, null])
    })

    it('who only looks and searches gets no session', async () => {
      const browser = new Browser(demo)

      await browser.ask(server, '/api/me')
      await browser.ask(server, '/api/favourites')
      await browser.ask(server, '/api/cities?near=43.3,5.37')

      expect(browser.cookie).toBeUndefined()
    })

    it('favourites outlast the login, and the id does not', async () => {
      const browser = new Browser(demo)
      await browser.change(server, 'PUT', `/api/favourites/${PARIS}`)
      const { cookie } = browser

      await browser.login(server, 'Grace')
      const added = await browser.change(other, 'PUT', `/api/favourites/${MARSEILLE}`)

      expect(browser.cookie).not.toBe(cookie)
      expect(added.body.cities).toMatchObject([{ name: 'Marseille' }, { name: 'Paris' }])
      expect(await browser.favourites(server)).toEqual([MARSEILLE, PARIS])
      await browser.change(server, 'DELETE', `/api/favourites/${MARSEILLE}`)
      expect(await browser.favourites(other)).toEqual([PARIS])
    })

    it('keeps both of two favourites that are added at once', async () => {
      const browser = new Browser(demo)
      const { token } = (await browser.ask(server, '/api/csrf-token')).body

      await Promise.all(
        [PARIS, MARSEILLE].map((id) =>
          browser.ask(server, `/api/favourites/${id}`, { method: 'PUT', token }),
        ),
      )

      expect((await browser.favourites(server)).toSorted()).toEqual([PARIS, MARSEILLE].toSorted())
    })

    it('lists where a user is logged in, with device and time, and ends one or all others', async () => {
      const [desk, phone, tablet] = [new Browser(demo), new Browser(demo), new Browser(demo)]
      phone.userAgent = 'Mozilla/5.0 (Linux; Android 15; Pixel 9) Chrome/130.0.0.0 Mobile'
      const user = server === 'express' ? 'Alan' : 'Katherine'
      for (const browser of [desk, phone, tablet]) await browser.login(server, user)

      const { body } = await desk.ask(server, '/api/sessions')
      const found = body.sessions.find(({ device }) => device.includes('Chrome'))

      expect(body.sessions).toHaveLength(3)
      expect(body.sessions.filter(({ isThis }) => isThis)).toHaveLength(1)
      expect(found).toMatchObject({ device: 'Chrome on Android', isThis: false })
      expect(Math.abs(Date.now() - Date.parse(String(found?.lastSeenAt)))).toBeLessThan(60_000)
      const ended = await desk.change(server, 'DELETE', `/api/sessions/${found?.handle}`)
      expect([ended.status, await phone.user(other)]).toEqual([200, null])
      expect([await desk.user(server), await tablet.user(server)]).toEqual([user, user])
      const others = await desk.change(server, 'POST', '/api/sessions/revoke-others')
      expect([others.body, await tablet.user(other)]).toEqual([{ ended: 1 }, null])
      expect((await desk.ask(server, '/api/sessions')).body.sessions).toHaveLength(1)
    })

    it("ends nobody else's session", async () => {
      const [ada, alan] = [new Browser(demo), new Browser(demo)]
      await ada.login(server, 'Ada')
      await alan.login(server, 'Alan')
      const { sessions } = (await alan.ask(server, '/api/sessions')).body
      const handle = sessions.find(({ isThis }) => isThis)?.handle

      const refused = await ada.change(server, 'DELETE', `/api/sessions/${handle}`)
      const unknown = await ada.change(server, 'DELETE', '/api/sessions/no-handle-at-all')

      expect([refused.status, unknown.status]).toEqual([404, 404])
      expect(await alan.user(server)).toBe('Alan')
    })

    it.each([
      ['POST', '/api/login', { user: 'Ada' }],
      ['POST', '/api/logout'],
      ['DELETE', '/api/sessions/some'],
      ['POST', '/api/sessions/revoke-others'],
      ['PUT', `/api/favourites/${PARIS}`],
      ['DELETE', `/api/favourites/${PARIS}`],
    ])("refuses %s %s without the session's own token", async (method, path, body?: unknown) => {
      const [browser, stranger] = [new Browser(demo), new Browser(demo)]
      await browser.login(server, 'Ada')
      const { token } = (await stranger.ask(server, '/api/csrf-token')).body

      const without = await browser.ask(server, path, { method, body })
      const strangers = await browser.ask(server, path, { method, body, token })

      expect([without.status, strangers.status]).toEqual([403, 403])
      expect(without.body.error).toContain('X-CSRF-Token')
      expect(await browser.user(server)).toBe('Ada')
    })

    it.each([
      ['POST', '/api/login', { user: 'Mallory' }, 400, 'user: found "Mallory", wanted one of Ada'],
      ['POST', '/api/login', 'Ada', 400, 'JSON'],
      ['PUT', '/api/favourites/paris', undefined, 400, 'id: found "paris"'],
      ['PUT', '/api/favourites/999999999', undefined, 404, 'There is no city 999999999'],
      ['POST', '/api/sessions/revoke-others', undefined, 401, 'Nobody is logged in'],
    ])('refuses %s %s of %o with %i and a reason', async (method, path, body, status, reason) => {
      const reply = await new Browser(demo).change(server, method, path, body)

      expect(reply.status).toBe(status)
      expect(reply.body.error).toContain(reason)
    })

    it('shares searches between users, and never what is their own', async () => {
      const search = '/api/cities?near=43.73,7.42'
      const [ada, alan] = [new Browser(demo), new Browser(demo)]
      await ada.login(server, 'Ada')
      await alan.login(server, 'Alan')
      await ada.change(server, 'PUT', `/api/favourites/${PARIS}`)

      await ada.ask(server, search)
      const hit = await alan.ask(server, search)

      expect(hit.headers.get('Cache-Status')).toMatch(/; hit/)
      for (const path of ['/api/me', '/api/favourites', '/api/sessions', '/api/csrf-token']) {
        for (const browser of [ada, alan, ada]) {
          const reply = await browser.ask(server, path)
          expect(reply.headers.get('Cache-Status') ?? '').not.toMatch(/; hit/)
          expect(reply.headers.get('Cache-Control')).toMatch(/private|no-store/)
        }
      }
      expect([await ada.favourites(server), await alan.favourites(server)]).toEqual([[PARIS], []])
    })
  })
})
