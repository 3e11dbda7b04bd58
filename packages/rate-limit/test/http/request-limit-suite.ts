import { randomBytes } from 'node:crypto'
import { type RedisServer, startRedis, waitUntil } from '@hotpath/testing'
import { parseList } from 'structured-headers'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { send } from '../../../http/test/harness.ts'
import { clientSuite } from './client-suite.ts'
import type { Handler, LimitDriver, LimitedServer, Serve, SuiteOptions } from './harness.ts'
import { slotSuite } from './slot-suite.ts'

/** What limits in front of a handler do, in whatever framework. */
export function requestLimitSuite(driver: LimitDriver): void {
  let server: RedisServer
  beforeAll(async () => {
    server = await startRedis()
  })
  afterAll(() => server.stop())

  for (const store of ['memory', 'Redis'] as const) {
    describe(`${driver.name}, ${store}`, () => {
      const servers: LimitedServer[] = []
      let namespace = ''
      beforeEach(() => {
        namespace = `test-${randomBytes(6).toString('hex')}`
      })
      afterEach(async () => {
        await Promise.all(servers.splice(0).map((one) => one.close()))
      })
      const serve = async (
        options: SuiteOptions,
        handler: Handler = ok,
      ): Promise<LimitedServer> => {
        const redis = store === 'Redis' ? { redis: server.url, storeTimeout: 5_000 } : {}
        const started = await driver.start(handler, { namespace, ...redis, ...options })
        servers.push(started)
        return started
      }
      suite(serve)
      clientSuite(serve)
      slotSuite(serve)
    })
  }
}

function ok(_req: unknown, res: { end(text: string): void }): void {
  res.end('ok')
}

function suite(serve: Serve): void {
  it('lets on the limit and refuses the next with 429, Retry-After and a problem', async () => {
    const { port } = await serve({ limit: 2, window: '1h' })

    const replies = [await send(port, '/'), await send(port, '/'), await send(port, '/')]

    expect(replies.map(({ status }) => status)).toEqual([200, 200, 429])
    const refused = replies[2]
    expect(refused?.headers['content-type']).toBe('application/problem+json')
    expect(Number(refused?.headers['retry-after'])).toBeGreaterThan(3_500)
    expect(JSON.parse(refused?.text ?? '')).toMatchObject({
      type: 'https://iana.org/assignments/http-problem-types#quota-exceeded',
      status: 429,
      'violated-policies': ['default'],
    })
  })

  it('names each policy in RateLimit-Policy and RateLimit, as structured fields', async () => {
    const { port } = await serve({
      policies: [
        { name: 'burst', limit: 20, window: '10s', algorithm: 'token-bucket' },
        { name: 'daily', limit: 5_000, window: '1d' },
        { name: 'parallel', limit: 3, algorithm: 'concurrency' },
      ],
    })

    const { headers } = await send(port, '/')

    expect(headers['ratelimit-policy']).toBe(
      '"burst";q=20;w=10, "daily";q=5000;w=86400, "parallel";q=3;qu="concurrent-requests"',
    )
    const status = parseList(String(headers.ratelimit)).map(([name, of]) => [name, of.get('r')])
    expect(status).toEqual([
      ['burst', 19],
      ['daily', 4_999],
      ['parallel', 2],
    ])
  })

  it('writes older fields when asked', async () => {
    const { port } = await serve({ limit: 5, window: '1m', fields: 'draft-7', legacyHeaders: true })

    const { headers } = await send(port, '/')

    expect(headers['ratelimit-policy']).toBe('5;w=60')
    expect(headers.ratelimit).toMatch(/^limit=5, remaining=4, reset=6\d$/)
    expect([headers['x-ratelimit-limit'], headers['x-ratelimit-remaining']]).toEqual(['5', '4'])
  })

  it('skipFailedRequests gives back what failed', async () => {
    const { port } = await serve(
      { limit: 1, window: '1h', skipFailedRequests: true },
      (req, res) => {
        res.statusCode = req.url === '/fails' ? 500 : 200
        res.end()
      },
    )

    await send(port, '/fails')
    await waitUntil(async () => {
      const { status } = await send(port, '/fails')
      return status === 500
    }, 'the failure is given back')
    let first = await send(port, '/works')
    await waitUntil(async () => {
      if (first.status === 200) return true
      first = await send(port, '/works')
      return first.status === 200
    }, 'the last failure is given back')

    expect(first.status).toBe(200)
    expect((await send(port, '/works')).status).toBe(429)
  })

  it('skipSuccessfulRequests counts failures only', async () => {
    const { port, limiter } = await serve(
      { limit: 2, window: '1h', skipSuccessfulRequests: true },
      (req, res) => {
        res.statusCode = req.url === '/login' ? 401 : 200
        res.end()
      },
    )
    const left = async (): Promise<number | undefined> =>
      (await limiter.peek('127.0.0.1')).policies[0]?.remaining

    const works = await send(port, '/works')
    await waitUntil(async () => (await left()) === 2, 'the success is given back')
    const statuses = []
    for (let n = 0; n < 3; n += 1) statuses.push((await send(port, '/login')).status)

    expect([works.status, ...statuses]).toEqual([200, 401, 401, 429])
  })

  it('retryAfterJitter adds to Retry-After, so that clients do not come back all at once', async () => {
    const draws = [0, 0.5, 0.999]
    const random = { next: () => draws.at(0) ?? 0, token: () => '0' }
    const { port } = await serve({
      limit: 1,
      window: '1h',
      algorithm: 'fixed-window',
      retryAfterJitter: '1000s',
      random,
    })
    await send(port, '/')

    const seconds = []
    while (draws.length > 0) {
      seconds.push(Number((await send(port, '/')).headers['retry-after']))
      draws.shift()
    }

    const [least = 0, middle = 0, most = 0] = seconds
    expect(least).toBeGreaterThan(3_500)
    expect(Math.round((middle - least) / 10)).toBe(50)
    expect(Math.round((most - least) / 10)).toBe(100)
  })

  it('who is blocked is told so, and that nothing is left', async () => {
    const { port, limiter } = await serve({ limit: 5, window: '1m' })
    await limiter.block('127.0.0.1', '1h')

    const { status, headers, text } = await send(port, '/')

    expect(status).toBe(429)
    expect(JSON.parse(text).type).toMatch(/#abnormal-usage-detected$/)
    expect(Number(headers['retry-after'])).toBeGreaterThan(3_500)
    expect(headers.ratelimit).toMatch(/^"default";r=0;t=3[56]\d\d$/)
  })

  it('of a hundred requests at once no more than the limit are let on', async () => {
    const { port } = await serve({ limit: 7, window: '1h' })

    const replies = await Promise.all(Array.from({ length: 100 }, () => send(port, '/')))

    expect(replies.filter(({ status }) => status === 200)).toHaveLength(7)
    expect(replies.filter(({ status }) => status === 429)).toHaveLength(93)
  })

  it('an error of an option is answered by the framework', async () => {
    const { port } = await serve({
      limit: 1,
      window: '1h',
      key: () => {
        throw new Error('no key')
      },
    })

    expect((await send(port, '/')).status).toBe(500)
  })
}
