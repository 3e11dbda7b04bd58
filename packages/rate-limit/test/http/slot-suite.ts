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
}
