import { randomBytes } from 'node:crypto'
import { request } from 'node:http'
import { deferred, gate, type RedisServer, startRedis, waitUntil } from '@hotpath/testing'
import { parseList } from 'structured-headers'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { send } from '../../../http/test/harness.ts'
import type { Handler, LimitDriver, LimitedServer, SuiteOptions } from './harness.ts'

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
    })
  }
}

function ok(_req: unknown, res: { end(text: string): void }): void {
  res.end('ok')
}

function suite(serve: (options: SuiteOptions, handler?: Handler) => Promise<LimitedServer>): void {
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

  it('trap 42: a forged X-Forwarded-For has no effect', async () => {
    const { port } = await serve({ limit: 1, window: '1h' })

    const statuses = []
    for (const forged of ['1.1.1.1', '2.2.2.2']) {
      statuses.push((await send(port, '/', { headers: { 'X-Forwarded-For': forged } })).status)
    }

    expect(statuses).toEqual([200, 429])
  })

  it('behind a trusted proxy each forwarded client has its own limit', async () => {
    const { port } = await serve({ limit: 1, window: '1h', trustProxy: 'loopback' })

    const statuses = []
    for (const client of ['1.1.1.1', '2.2.2.2', '3.3.3.3, 1.1.1.1', '::ffff:2.2.2.2']) {
      statuses.push((await send(port, '/', { headers: { 'X-Forwarded-For': client } })).status)
    }

    expect(statuses).toEqual([200, 200, 429, 429])
  })

  it('key, cost, skip and lists are asked', async () => {
    const { port } = await serve({
      limit: 5,
      window: '1h',
      key: (req) => String(req.headers['x-user']),
      cost: (req) => Number(req.headers['x-cost'] ?? 1),
      skip: (req) => req.headers['x-skip'] !== undefined,
      allowList: ['friend'],
      denyList: (_req, key) => key === 'foe',
    })
    const ask = async (user: string, more: Record<string, string> = {}): Promise<number> =>
      (await send(port, '/', { headers: { 'X-User': user, ...more } })).status

    expect(await ask('ann', { 'X-Cost': '5' })).toBe(200)
    expect(await ask('ann')).toBe(429)
    expect(await ask('bob')).toBe(200)
    expect(await ask('ann', { 'X-Skip': 'yes' })).toBe(200)
    expect(await ask('friend', { 'X-Cost': '50' })).toBe(200)
    expect(await ask('foe')).toBe(403)
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

  it('shadow mode lets all on and counts whom it would have refused', async () => {
    const { port, limiter } = await serve({ limit: 1, window: '1h', mode: 'shadow' })

    const statuses = [(await send(port, '/')).status, (await send(port, '/')).status]

    expect(statuses).toEqual([200, 200])
    expect(limiter.stats().shadowRefused).toBe(1)
  })

  it('a slot is free again when its response has ended', async () => {
    const inside = gate<void>()
    const { port } = await serve({ limit: 1, algorithm: 'concurrency' }, async (req, res) => {
      if (req.url === '/slow') await inside.enter()
      res.end('done')
    })
    const slow = send(port, '/slow')
    await inside.entered

    const second = await send(port, '/')
    inside.open()
    await slow

    expect(second.status).toBe(429)
    await waitUntil(async () => (await send(port, '/')).status === 200, 'the slot is free')
  })

  it('a slot is free again when the client has gone away', async () => {
    const entered = deferred()
    const { port } = await serve({ limit: 1, algorithm: 'concurrency' }, (req, res) => {
      if (req.url === '/hangs') entered.resolve()
      else res.end('done')
    })
    const hanging = request({ port, path: '/hangs', agent: false })
    hanging.on('error', () => {})
    hanging.end()
    await entered.promise
    const during = await send(port, '/')

    hanging.destroy()

    await waitUntil(async () => (await send(port, '/')).status === 200, 'the slot is free')
    expect(during.status).toBe(429)
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
