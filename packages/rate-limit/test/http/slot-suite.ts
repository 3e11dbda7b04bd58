import { request } from 'node:http'
import { deferred, gate, waitUntil } from '@hotpath/testing'
import { expect, it } from 'vitest'
import { send } from '../../../http/test/harness.ts'
import type { Serve } from './harness.ts'

/** When the slot of a request is free again. */
export function slotSuite(serve: Serve): void {
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

  it('a slot is free again when the response breaks off in the middle', async () => {
    const { port } = await serve({ limit: 1, algorithm: 'concurrency' }, (req, res) => {
      if (req.url !== '/breaks') return res.end('done')
      res.write('some')
      res.destroy(new Error('broken'))
    })

    await expect(send(port, '/breaks')).rejects.toThrow()

    await waitUntil(async () => (await send(port, '/')).status === 200, 'the slot is free')
  })

  it('a slot is free again when the client has gone before the decision was made', async () => {
    const asked = gate<void>()
    const gone = deferred()
    const { port, limiter } = await serve({
      limit: 1,
      algorithm: 'concurrency',
      key: async (req) => {
        if (req.headers['x-waits'] === undefined) return 'client'
        await asked.enter()
        return 'client'
      },
    })
    const leaving = request({ port, path: '/', agent: false, headers: { 'X-Waits': 'yes' } })
    leaving.on('error', () => {})
    leaving.on('close', () => gone.resolve())
    leaving.end()
    await asked.entered

    leaving.destroy()
    await gone.promise
    asked.open()

    await waitUntil(() => limiter.stats().allowed === 1, 'it is decided')
    const left = async (): Promise<number | undefined> =>
      (await limiter.peek('client')).policies[0]?.remaining
    await waitUntil(async () => (await left()) === 1, 'the slot is free')
    expect((await send(port, '/')).status).toBe(200)
  })
}
