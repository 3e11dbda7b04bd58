import {
  FakeClock,
  type RedisServer,
  startFaultProxy,
  startRedis,
  waitUntil,
} from '@hotpath/testing'
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
    let opened: (() => Promise<void>) | undefined
    const handler: SuiteHandler = async ({ session, path }) => {
      if (path === '/free') return 'free'
      if (path === '/bob') await session.login('bob')
      if (path === '/id') return (await session.userId()) && session.id
      if (path === '/login') await session.login('ada')
      if (path === '/logout') await session.logout()
      if (path === '/set') session.set('n', 2)
      if (path === '/slow') {
        await session.get('n')
        await opened?.()
        session.set('n', 4)
        return 'slow'
      }
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

    it('trap 30: a hung Redis is waited for as long as ioTimeout by who has a session, and not at all by who has none', async () => {
      const clock = new FakeClock()
      const { open } = await serve({ clock, ioTimeout: '500ms' })
      const browser = open()
      await browser.get('/login')
      // Deadlines share a timer: that of the login has been.
      clock.advance(500)
      await serverOf().pause()
      onTestFinished(() => serverOf().resume())
      let isAnswered = false
      const reading = browser.get('/').finally(() => {
        isAnswered = true
      })
      await waitUntil(() => clock.pending > 0, 'Redis is being waited for')

      expect((await open().get('/')).body).toEqual({ user: null, n: null })
      clock.advance(499)
      expect((await open().get('/')).status).toBe(200)
      expect(isAnswered).toBe(false)
      clock.advance(1)

      expect(await reading).toMatchObject({ status: 503 })
    })

    it('trap 30: Redis is back for sessions within two seconds of being back', async () => {
      const clock = new FakeClock()
      const { open } = await serve({ clock, ioTimeout: '500ms' })
      const browser = open()
      await browser.get('/login')
      clock.advance(500)
      await serverOf().pause()
      onTestFinished(() => serverOf().resume())
      const refused = Promise.all([browser, open(browser.cookie), open(browser.cookie)].map(get))
      await waitUntil(() => clock.pending > 0, 'Redis is being waited for')
      await waitUntil(async () => {
        await clock.advanceAsync(500)
        return (await browser.get('/')).status === 503
      })
      expect(statusesOf(await refused)).toEqual([503, 503, 503])
      // Probes are as far apart by now as they become.
      await clock.advanceAsync(20_000)

      await serverOf().resume()
      clock.advance(2_000)

      await waitUntil(
        async () => (await browser.get('/')).status === 200,
        'sessions are read again',
      )
      expect((await browser.get('/')).body).toEqual({ user: 'ada', n: null })
    })

    it('onStoreError: memory keeps ended what was ended before the outage, and what is in it', async () => {
      const { open, sessions } = await serve({ onStoreError: 'memory' })
      const [left, revoked, kept, gone, unseen] = [open(), open(), open(), open(), open()]
      for (const one of [left, revoked, kept]) await one.get('/login')
      for (const one of [gone, unseen]) await one.get('/bob')
      for (const one of [left, revoked, kept, gone]) await one.get('/')
      const leftCookie = left.cookie
      await left.get('/logout')
      await sessions.revoke(String((await revoked.get('/id')).body))
      await serverOf().pause()
      onTestFinished(() => serverOf().resume())

      await sessions.revokeAll('bob')

      const nobody = { user: null, n: null }
      const ended = (): Promise<unknown[]> =>
        Promise.all([open(leftCookie), open(revoked.cookie), open(gone.cookie)].map(get)).then(
          (answers) => answers.map(({ body }) => body),
        )
      expect((await kept.get('/')).body).toMatchObject({ user: 'ada' })
      expect(await ended()).toEqual([nobody, nobody, nobody])
      await serverOf().resume()
      await waitUntil(async () => (await sessions.list('bob')).length === 0, 'bob is gone')
      expect(await ended()).toEqual([nobody, nobody, nobody])
      expect((await open(unseen.cookie).get('/')).body).toEqual(nobody)
      expect((await kept.get('/')).body).toMatchObject({ user: 'ada' })
    })

    it('onStoreError: memory says nothing of a session that this process has not seen, and keeps its cookie', async () => {
      const namespace = newNamespace()
      const elsewhere = await serve({ namespace })
      const { open } = await serve({ onStoreError: 'memory', namespace })
      const [browser, seen] = [elsewhere.open(), open()]
      await browser.get('/login')
      await seen.get('/bob')
      await serverOf().pause()
      onTestFinished(() => serverOf().resume())

      expect((await seen.get('/')).body).toMatchObject({ user: 'bob' })
      const refused = await Promise.all(
        ['/', '/blind', '/login'].map((path) => open(browser.cookie).get(path)),
      )

      expect(statusesOf(refused)).toEqual([503, 503, 503])
      expect(refused.map(({ headers }) => headers.get('set-cookie'))).toEqual([null, null, null])
      expect((await open().get('/')).body).toEqual({ user: null, n: null })
      await serverOf().resume()
      const again = open(browser.cookie)
      await waitUntil(async () => (await again.get('/')).status === 200)
      expect((await again.get('/')).body).toMatchObject({ user: 'ada' })
    })

    it('onStoreError: memory has no copy of what theft, a login too many or an old id has ended', async () => {
      const { open, sessions } = await serve({
        onStoreError: 'memory',
        maxSessionsPerUser: 1,
        renewalTimeout: 1,
        renewalGrace: 1,
      })
      const thefts: unknown[] = []
      sessions.on('theft', (detail) => thefts.push(detail))
      const [stolen, evicted, kept] = [open(), open(), open()]
      await stolen.get('/bob')
      const copied = stolen.cookie
      await waitUntil(async () => {
        await stolen.get('/')
        return stolen.cookie !== copied
      }, 'the id is renewed')
      await stolen.get('/')
      await waitUntil(async () => {
        await open(copied).get('/')
        return thefts.length > 0
      }, 'the copy is told as theft')
      await evicted.get('/login')
      await kept.get('/login')
      await serverOf().pause()
      onTestFinished(() => serverOf().resume())

      const answers = [stolen, evicted, kept].map(async (one) => await one.get('/'))

      expect((await Promise.all(answers)).map(userIn)).toEqual([null, null, 'ada'])
    })

    it('onStoreError: memory does not hear of what another process revokes, for outageGrace at most', async () => {
      const { host, port } = serverOf()
      const proxy = await startFaultProxy({ target: { host, port } })
      const [clock, namespace] = [new FakeClock(), newNamespace()]
      const elsewhere = createSessionManager({ secret: SECRET, redis: serverOf().url, namespace })
      onTestFinished(async () => {
        await elsewhere.close()
        await proxy.close()
      })
      const { open } = await serve({
        redis: `redis://${proxy.host}:${proxy.port}`,
        onStoreError: 'memory',
        outageGrace: '1m',
        clock,
        namespace,
      })
      const browser = open()
      await browser.get('/login')
      await browser.get('/')
      await proxy.drop()
      await waitUntil(async () => (await browser.get('/')).status === 200, 'it is served by a copy')

      expect(await elsewhere.revokeAll('ada')).toBe(1)

      expect((await browser.get('/')).body).toMatchObject({ user: 'ada' })
      clock.advance(60_001)
      expect((await browser.get('/')).status).toBe(503)
      await proxy.heal()
      await waitUntil(async () => {
        clock.advance(1_000)
        return (await browser.get('/')).status === 200
      }, 'Redis is reached again')
      expect((await browser.get('/')).body).toEqual({ user: null, n: null })
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
      await waitUntil(async () => userIn(await browser.get('/')) === 'ada')
    })

    it('onStoreError: anonymous begins no session in place of the one that could not be read', async () => {
      const { open, sessions } = await serve({ onStoreError: 'anonymous' })
      const browser = open()
      await browser.get('/login')
      const before = browser.cookie
      const lost: unknown[] = []
      sessions.on('lost', ({ because }) => lost.push(because))
      await serverOf().pause()
      onTestFinished(() => serverOf().resume())
      opened = async () => {
        await serverOf().resume()
        await waitUntil(async () => userIn(await open(before).get('/')) === 'ada')
      }
      onTestFinished(() => {
        opened = undefined
      })

      const { status, headers } = await browser.get('/slow')

      expect([status, headers.get('set-cookie')]).toEqual([200, null])
      expect(lost).toEqual(['store-down'])
      expect((await browser.get('/')).body).toMatchObject({ user: 'ada' })
    })
  })
}

const get = (browser: Browser): ReturnType<Browser['get']> => browser.get('/')

function userIn({ body }: { body: unknown }): unknown {
  return (body as { user?: unknown }).user
}

function statusesOf(answers: readonly { status: number }[]): number[] {
  return answers.map(({ status }) => status)
}
