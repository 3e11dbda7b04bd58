import { expect, it } from 'vitest'
import { send } from '../../../http/test/harness.ts'
import type { Serve } from './harness.ts'

/** Whose limit a request counts against, and what it costs. */
export function clientSuite(serve: Serve): void {
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

  it('a cost that never fits is refused without a Retry-After, and charges nothing', async () => {
    const { port } = await serve({
      limit: 5,
      window: '1m',
      cost: (req) => Number(req.headers['x-cost'] ?? 1),
    })

    const huge = await send(port, '/', { headers: { 'X-Cost': String(Number.MAX_SAFE_INTEGER) } })
    const usual = await send(port, '/')

    expect([huge.status, huge.headers['retry-after']]).toEqual([429, undefined])
    expect(usual.headers.ratelimit).toMatch(/r=4/)
  })

  it.each(['-1', '1.5', 'NaN', '1e400', 'abc'])(
    'a cost of %s is an error, not a way around the limit',
    async (cost) => {
      const { port } = await serve({
        limit: 1,
        window: '1h',
        cost: (req) => Number(req.headers['x-cost'] ?? 1),
      })

      const wrong = await send(port, '/', { headers: { 'X-Cost': cost } })
      const statuses = [(await send(port, '/')).status, (await send(port, '/')).status]

      expect([wrong.status, ...statuses]).toEqual([500, 200, 429])
    },
  )

  it('shadow mode lets all on and counts whom it would have refused', async () => {
    const { port, limiter } = await serve({ limit: 1, window: '1h', mode: 'shadow' })

    const statuses = [(await send(port, '/')).status, (await send(port, '/')).status]

    expect(statuses).toEqual([200, 200])
    expect(limiter.stats().shadowRefused).toBe(1)
  })
}
