import { FakeClock, type RedisServer, startRedis, waitUntil } from '@hotpath/testing'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { createSessionManager, type SessionManager, type SessionOptions } from '../src/index.ts'
import { newNamespace, SECRET } from './harness.ts'
import { Browser, type SessionDriver, type SuiteHandler } from './session-suite.ts'

/** What becomes of requests while Redis is away. */
export function outageSuite(driver: SessionDriver): void {
  describe(`${driver.name} while Redis is away`, () => {
    let redis: RedisServer | undefined
    beforeAll(async () => {
      redis = await startRedis({ faults: true })
    })
    afterAll(async () => {
      await redis?.stop()
    })
    const serverOf = (): RedisServer => {
      if (redis === undefined) throw new Error('Redis is started before the first test')
      return redis
    }
    const handler: SuiteHandler = async ({ session, path }) => {
      if (path === '/free') return 'free'
      if (path === '/login') await session.login('ada')
      if (path === '/logout') await session.logout()
      if (path === '/set') session.set('n', 2)
      if (path === '/blind') session.set('n', 3)
      if (path === '/blind') return 'blind'
      return { user: (await session.userId()) ?? null, n: (await session.get('n')) ?? null }
    }
    const serve = async (
      options: Partial<SessionOptions> = {},
    ): Promise<{ sessions: SessionManager; open: (cookie?: string) => Browser }> => {
      const sessions = createSessionManager({
        secret: SECRET,
        redis: serverOf().url,
        namespace: newNamespace(),
        ...options,
      })
      const server = await driver.start(handler, sessions)
      onTestFinished(async () => {
        await server.close()
        await sessions.close()
      })
      return { sessions, open: (cookie) => new Browser(server.port, cookie) }
    }

    it('trap 30: a hung Redis costs sessions a 503 and anonymous requests nothing, and no session is lost', async () => {
      const { open } = await serve()
      const browser = open()
      await browser.get('/login')
      await serverOf().pause()
      onTestFinished(() => serverOf().resume())

      const [anonymous, reading, writing] = await Promise.all([
        open().get('/'),
        open(browser.cookie).get('/'),
        open(browser.cookie).get('/blind'),
      ])

      expect(anonymous.body).toEqual({ user: null, n: null })
      for (const refused of [reading, writing]) {
        expect(refused.status).toBe(503)
        expect(refused.headers.get('retry-after')).toBe('1')
        expect(refused.headers.get('set-cookie')).toBeNull()
      }
      expect((await open(browser.cookie).get('/free')).body).toBe('free')
      await serverOf().resume()
      await waitUntil(async () => (await browser.get('/')).status === 200)
      expect((await browser.get('/')).body).toEqual({ user: 'ada', n: null })
    })

    it('onStoreError: memory goes on with what it has seen, and brings back what was done', async () => {
      const { open, sessions } = await serve({ onStoreError: 'memory' })
      const [browser, leaving, stranger] = [open(), open(), open()]
      for (const one of [browser, leaving]) {
        await one.get('/login')
        await one.get('/')
      }
      await stranger.get('/login')
      const left = leaving.cookie
      await serverOf().pause()
      onTestFinished(() => serverOf().resume())

      expect((await browser.get('/set')).body).toEqual({ user: 'ada', n: 2 })
      expect((await browser.get('/')).body).toEqual({ user: 'ada', n: 2 })
      await leaving.get('/logout')
      expect((await open(left).get('/')).body).toEqual({ user: null, n: null })
      const joined = open()
      await joined.get('/login')
      expect((await joined.get('/')).body).toMatchObject({ user: 'ada' })

      await serverOf().resume()
      await waitUntil(
        async () => (await sessions.list('ada')).length === 3,
        'the journal is replayed',
      )
      expect((await browser.get('/')).body).toEqual({ user: 'ada', n: 2 })
      expect((await open(left).get('/')).body).toEqual({ user: null, n: null })
      expect((await joined.get('/')).body).toMatchObject({ user: 'ada' })
      expect((await stranger.get('/')).body).toMatchObject({ user: 'ada' })
    })

    it('onStoreError: memory ends with outageGrace', async () => {
      const clock = new FakeClock()
      const { open } = await serve({
        onStoreError: 'memory',
        outageGrace: '1m',
        clock,
        idleTimeout: '1h',
      })
      const browser = open()
      await browser.get('/login')
      await browser.get('/')
      await serverOf().kill()
      onTestFinished(() => serverOf().restart())
      await waitUntil(
        async () => (await browser.get('/')).status === 200,
        'Redis is known to be away',
      )

      clock.advance(60_001)

      expect((await browser.get('/')).status).toBe(503)
    })

    it('onStoreError: anonymous serves as if nobody had logged in, and keeps the cookie', async () => {
      const { open } = await serve({ onStoreError: 'anonymous' })
      const browser = open()
      await browser.get('/login')
      await serverOf().pause()
      onTestFinished(() => serverOf().resume())

      const [reading, writing] = [await browser.get('/'), await browser.get('/set')]

      expect(reading).toMatchObject({ status: 200, body: { user: null } })
      expect(writing.status).toBe(200)
      expect(writing.headers.get('set-cookie')).toBeNull()
      await serverOf().resume()
      await waitUntil(
        async () => ((await browser.get('/')).body as { user: string | null }).user === 'ada',
      )
    })
  })
}
