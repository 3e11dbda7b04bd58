import type { IncomingMessage } from 'node:http'
import { createServer } from 'node:http'
import { systemRandom } from '@hotpath/core'
import { createSessionManager, type SessionManager } from '@hotpath/session'
import { Redis } from 'ioredis'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createKeyring } from '../../src/ids/keyring.ts'
import type { SessionOptions } from '../../src/index.ts'
import { newNamespace, PATIENT, SECRET, useRedis } from '../harness.ts'
import { Browser, closeServer, listen } from '../session-suite.ts'

const PARALLEL_ROUNDS = 10_000
const LOGOUT_ROUNDS = 1_000
const WRITES = 50
const LONG = 240_000

const redis = useRedis()
const stores: [name: string, options: () => Partial<SessionOptions>][] = [
  ['memory', () => ({})],
  ['Redis', () => ({ redis: redis.server.url, ioTimeout: PATIENT })],
]

describe.each(stores)('sessions in %s', (_name, options) => {
  const serve = async (): Promise<{ sessions: SessionManager; browser: Browser }> => {
    const sessions = createSessionManager({
      secret: SECRET,
      namespace: newNamespace(),
      ...options(),
    })
    const server = createServer(async (req, res) => {
      await sessions.attach(req, res).login('ada')
      res.end('null')
    })
    const browser = new Browser(await listen(server))
    onTestFinished(async () => {
      await closeServer(server)
      await sessions.close()
    })
    return { sessions, browser }
  }
  const asking = ({ cookie }: Browser): IncomingMessage =>
    ({ headers: { cookie } }) as IncomingMessage

  it(
    `trap 25: ${PARALLEL_ROUNDS} times two parallel requests write different keys, and nothing is lost`,
    async () => {
      const { sessions, browser } = await serve()
      await browser.get('/')
      const open = () => sessions.fromUpgrade(asking(browser))
      let lost = 0

      for (let round = 1; round <= PARALLEL_ROUNDS; round += 1) {
        const [left, right] = await Promise.all([open(), open()])
        left?.set('left', round)
        right?.set('right', round)
        await Promise.all([left?.save(), right?.save()])
        const after = await (await open())?.all()
        if (after?.left !== round || after.right !== round) lost += 1
      }

      expect(lost).toBe(0)
    },
    LONG,
  )

  it(
    `trap 26: ${LOGOUT_ROUNDS} logouts against ${WRITES} writes in flight each revive nothing`,
    async () => {
      const { sessions, browser } = await serve()
      let revived = 0

      for (let round = 0; round < LOGOUT_ROUNDS; round += 1) {
        browser.cookie = undefined
        await browser.get('/')
        const request = asking(browser)
        const writers = await Promise.all(
          Array.from({ length: WRITES }, () => sessions.fromUpgrade(request)),
        )
        const leaving = await sessions.fromUpgrade(request)
        const writes = writers.map(async (session, index) => {
          session?.set(`key${index}`, round)
          await session?.save().catch(() => {})
        })
        writes.splice(round % WRITES, 0, leaving?.logout() ?? Promise.resolve())
        await Promise.all(writes)
        if ((await sessions.fromUpgrade(request)) !== undefined) revived += 1
      }

      expect(revived).toBe(0)
      expect(await sessions.list('ada')).toEqual([])
    },
    LONG,
  )
})

describe('what sessions cost', () => {
  it('100 reads of an unchanged session are 100 round trips and at most one write', async () => {
    const namespace = newNamespace()
    const sessions = createSessionManager({
      secret: SECRET,
      redis: redis.server.url,
      namespace,
      ioTimeout: PATIENT,
    })
    const client = new Redis(redis.server.url)
    onTestFinished(async () => {
      client.disconnect()
      await sessions.close()
    })
    const server = createServer(async (req, res) => {
      const session = sessions.attach(req, res)
      if (req.url === '/set') session.set('n', 1)
      res.end(JSON.stringify((await session.get('n')) ?? null))
    })
    const browser = new Browser(await listen(server))
    onTestFinished(() => closeServer(server))
    await browser.get('/set')
    await browser.get('/')
    await client.config('RESETSTAT')

    for (let read = 0; read < 100; read += 1) await browser.get('/')

    const calls = callsOf(await client.info('commandstats'))
    expect((calls.get('evalsha') ?? 0) + (calls.get('eval') ?? 0)).toBe(100)
    const writes = ['hset', 'hincrby', 'pexpire', 'del', 'hdel', 'set'].map(
      (name) => calls.get(name) ?? 0,
    )
    expect(writes.every((count) => count <= 1)).toBe(true)
  })

  it('a cookie of another’s making, or none, costs no round trip', async () => {
    const client = new Redis(redis.server.url)
    const sessions = createSessionManager({
      secret: SECRET,
      redis: redis.server.url,
      ioTimeout: PATIENT,
    })
    onTestFinished(async () => {
      client.disconnect()
      await sessions.close()
    })
    const foreign = createKeyring(['another secret of thirty-two characters'], systemRandom)
    const cookie = `sid=${foreign.format(foreign.newId())}`
    await client.config('RESETSTAT')

    expect(await sessions.fromUpgrade({ headers: { cookie } } as IncomingMessage)).toBeUndefined()
    expect(await sessions.fromUpgrade({ headers: {} } as IncomingMessage)).toBeUndefined()

    expect(callsOf(await client.info('commandstats')).get('evalsha')).toBeUndefined()
  })
})

/** How often each command was called, those that scripts call included. */
function callsOf(info: string): Map<string, number> {
  const lines = info.matchAll(/cmdstat_([a-z|]+):calls=(\d+)/g)
  return new Map([...lines].map(([, name = '', calls]) => [name, Number(calls)]))
}
