import { createServer } from 'node:http'
import { createSessionManager, type SessionManager, type SessionOptions } from '@hotpath/session'
import { FakeClock } from '@hotpath/testing'
import { expect, it, onTestFinished } from 'vitest'
import { SECRET } from '../harness.ts'
import { Browser, closeServer, listen } from '../session-suite.ts'

/** Sessions in memory, whose time is the test's. */
async function serve(
  options: Partial<SessionOptions>,
): Promise<{ sessions: SessionManager; clock: FakeClock; open: (cookie?: string) => Browser }> {
  const clock = new FakeClock()
  const sessions = createSessionManager({ secret: SECRET, clock, ...options })
  const server = createServer(async (req, res) => {
    const session = sessions.attach(req, res)
    if (req.url === '/login') await session.login('ada', { device: 'a phone' })
    res.end(JSON.stringify({ user: (await session.userId()) ?? null, id: session.id ?? null }))
  })
  onTestFinished(async () => {
    await closeServer(server)
    await sessions.close()
  })
  const port = await listen(server)
  return { sessions, clock, open: (cookie) => new Browser(port, cookie) }
}

const userOf = async (browser: Browser): Promise<unknown> =>
  ((await browser.get('/')).body as { user: unknown }).user

it('an id that is used long after it was renewed is told as theft, and ends the session of both', async () => {
  const { sessions, clock, open } = await serve({ renewalTimeout: '1m', renewalGrace: '10s' })
  const thefts: string[] = []
  sessions.on('theft', ({ handle }) => thefts.push(handle))
  const owner = open()
  await owner.get('/login')
  const copied = owner.cookie
  clock.advance(61_000)
  await owner.get('/')
  const { id } = (await owner.get('/')).body as { id: string }
  expect(owner.cookie).not.toBe(copied)
  expect(await userOf(open(copied))).toBe('ada')
  expect(thefts).toEqual([])

  clock.advance(11_000)

  expect(await userOf(open(copied))).toBeNull()
  expect(thefts).toEqual([id])
  expect(await userOf(owner)).toBeNull()
})

it('the oldest session of a user goes for one too many, and is told', async () => {
  const { sessions, clock, open } = await serve({ maxSessionsPerUser: 2 })
  const evicted: string[] = []
  sessions.on('evicted', ({ handle }) => evicted.push(handle))
  const browsers = [open(), open(), open()]
  const ids: unknown[] = []

  for (const browser of browsers) {
    ids.push(((await browser.get('/login')).body as { id: unknown }).id)
    clock.advance(1_000)
  }

  expect(await Promise.all(browsers.map(userOf))).toEqual([null, 'ada', 'ada'])
  expect(evicted).toEqual([ids[0]])
})

it('erase() leaves nothing of a user', async () => {
  const { sessions, open } = await serve({})
  const browser = open()
  await browser.get('/login')
  expect(await sessions.list('ada')).toMatchObject([{ device: 'a phone' }])

  await sessions.erase('ada')

  expect(await sessions.list('ada')).toEqual([])
  expect(await userOf(browser)).toBeNull()
})
