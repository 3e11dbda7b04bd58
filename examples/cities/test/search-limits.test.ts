import type { PolicyOptions } from '@hotpath/rate-limit'
import { type RedisServer, waitUntil } from '@hotpath/testing'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Demo } from '../src/start/start-demo.ts'
import { Browser, type Reply, SERVERS, type ServerName } from './browser.ts'
import { startSmall } from './start.ts'
import { STORES } from './stores.ts'

const SEARCH = '/api/cities?near=43.73,7.42'
/** Small, so that tests need not wait long for the burst to be over. */
const POLICIES: readonly PolicyOptions[] = [
  { name: 'burst', limit: 4, window: '2s' },
  { name: 'daily', limit: 6, window: '1d' },
]

describe.each(STORES)('the limits of searching $name', ({ start }) => {
  let redis: RedisServer | undefined
  let demo: Demo

  beforeAll(async () => {
    redis = await start()
    demo = await startSmall({
      redisUrl: redis?.url,
      searchPolicies: POLICIES,
      countries: ['MC'],
    })
  })

  beforeEach(() => demo.searchLimits.reset('127.0.0.1'))

  afterAll(async () => {
    await demo.close()
    await redis?.stop()
  })

  const search = (at: ServerName): Promise<Reply> => new Browser(demo).ask(at, SEARCH)

  async function searchTimes(at: ServerName, times: number): Promise<Reply[]> {
    const replies: Reply[] = []
    while (replies.length < times) replies.push(await search(at))
    return replies
  }

  describe.each(SERVERS)('on %s', (server) => {
    const other = server === 'express' ? 'fastify' : 'express'

    it('says how much of each is left, refuses beyond, and recovers', async () => {
      const [first, ...more] = await searchTimes(server, 5)
      const refused = more.at(-1)

      expect(first?.headers.get('RateLimit-Policy')).toBe('"burst";q=4;w=2, "daily";q=6;w=86400')
      expect(first?.headers.get('RateLimit')).toMatch(/^"burst";r=3;t=\d, "daily";r=5;t=\d+$/)
      expect(refused?.body).toMatchObject({ status: 429, 'violated-policies': ['burst'] })
      expect(Number(refused?.headers.get('Retry-After'))).toBeGreaterThan(0)
      await waitUntil(async () => (await search(server)).status === 200, 'the burst is over')
    })

    it('tells the page what it shows', async () => {
      const page = new URL('../page/limit-fields.js', import.meta.url).href
      const { readLimits, readRetryMs } = (await import(page)) as Record<
        'readLimits' | 'readRetryMs',
        (headers: Headers) => unknown
      >

      const replies = await searchTimes(server, 5)

      expect(replies.map(({ headers }) => readLimits(headers))[1]).toMatchObject([
        { name: 'burst', limit: 4, windowMs: 2_000, left: 2 },
        { name: 'daily', limit: 6, windowMs: 86_400_000, left: 4 },
      ])
      expect(replies.map(({ headers }) => readRetryMs(headers) !== undefined)).toEqual([
        false,
        false,
        false,
        false,
        true,
      ])
    })

    it('counts hits as well, and refusals not: the limit stands before the cache', async () => {
      const answered: Reply[] = []
      await waitUntil(async () => {
        const reply = await search(server)
        if (reply.status === 200) answered.push(reply)
        return reply.status === 429 && reply.body['violated-policies'].includes('daily')
      }, 'the day is used up')

      expect(answered).toHaveLength(6)
      expect(answered.at(-1)?.headers.get('Cache-Status')).toMatch(/; hit/)
      expect(
        answered.map(({ headers }) => /"daily";r=(\d)/.exec(headers.get('RateLimit') ?? '')?.[1]),
      ).toEqual(['5', '4', '3', '2', '1', '0'])
    })

    it('is one limit for both servers, and only for searching', async () => {
      const before = [...(await searchTimes(server, 2)), ...(await searchTimes(other, 2))]

      const [here, there] = [await search(server), await search(other)]
      const summary = await fetch(`${demo.urls[server]}/api/countries/MC/summary`)

      expect(before.map(({ status }) => status)).toEqual([200, 200, 200, 200])
      expect([here.status, there.status]).toEqual([429, 429])
      expect([summary.status, summary.headers.get('RateLimit')]).toEqual([200, null])
    })
  })
})
