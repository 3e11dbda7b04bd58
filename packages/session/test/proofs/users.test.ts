import { createServer } from 'node:http'
import { createSessionManager, type SessionManager } from '@hotpath/session'
import { Redis } from 'ioredis'
import { expect, it, onTestFinished } from 'vitest'
import { newNamespace, PATIENT, SECRET, useRedis } from '../harness.ts'
import { Browser, closeServer, listen } from '../session-suite.ts'

const OTHERS = 200

const redis = useRedis()

/** Sessions of users: each a login. */
async function withSessionsOf(users: readonly string[]): Promise<SessionManager> {
  const sessions = createSessionManager({
    secret: SECRET,
    namespace: newNamespace(),
    redis: redis.server.url,
    ioTimeout: PATIENT,
  })
  const server = createServer(async (req, res) => {
    await sessions.attach(req, res).login(decodeURIComponent((req.url ?? '').slice(1)))
    res.end()
  })
  onTestFinished(async () => {
    await closeServer(server)
    await sessions.close()
  })
  const port = await listen(server)
  for (const user of users) await new Browser(port).get(`/${encodeURIComponent(user)}`)
  return sessions
}

it('trap 32: the sessions of a user are found without a scan, at the price of that user alone', async () => {
  const others = Array.from({ length: OTHERS }, (_, index) => `other ${index}`)
  const sessions = await withSessionsOf(['ada', ...others, 'ada'])
  const client = new Redis(redis.server.url)
  onTestFinished(() => client.disconnect())
  await client.config('RESETSTAT')

  expect(await sessions.list('ada')).toHaveLength(2)
  expect(await sessions.revokeAll('ada')).toBe(2)

  const stats = await client.info('commandstats')
  expect(stats).not.toMatch(/cmdstat_(keys|scan|hscan|sscan|zscan)\b/)
  const calls = [...stats.matchAll(/cmdstat_\w+:calls=(\d+)/g)].map(([, count]) => Number(count))
  expect(calls.reduce((sum, count) => sum + count, 0)).toBeLessThan(OTHERS / 4)
  expect(await sessions.list('other 7')).toHaveLength(1)
})

it('trap 32: a user id with glob characters, or one that begins another, is no more than itself', async () => {
  const sessions = await withSessionsOf(['ada', 'ada lovelace', 'a*', 'ada:s:x'])

  expect(await sessions.revokeAll('*')).toBe(0)
  expect(await sessions.revokeAll('a*')).toBe(1)
  expect(await sessions.revokeAll('ada')).toBe(1)

  expect(await sessions.list('ada lovelace')).toHaveLength(1)
  expect(await sessions.list('ada:s:x')).toHaveLength(1)
})
