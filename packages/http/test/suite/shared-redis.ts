import { createRedisLink } from '@hotpath/core'
import { deferred, type RedisServer, waitUntil } from '@hotpath/testing'
import { describe, expect, it } from 'vitest'
import { type Bench, counting, type Handler, SERVED, send } from '../harness.ts'

/** What several processes on one Redis do for each other. */
export function sharedRedisSuite(bench: Bench, redis: () => RedisServer): void {
  describe('two processes', () => {
    it('serve what the other has kept', async () => {
      const store = bench.newStore()
      const fields = {
        'Cache-Control': 'max-age=60',
        'Content-Type': 'text/x-test',
        Link: ['<a>', '<b>'],
      }
      const here = await bench.serve(counting(fields), store)
      const handler = counting(fields)
      const there = await bench.serve(handler, store)
      const headers = { Host: 'example.com' }

      const first = await send(here.port, '/page', { headers })
      await waitUntil(
        async () => (await send(here.port, '/page', { headers })).cache.includes('memory'),
        'the response is stored',
      )
      const second = await send(there.port, '/page', { headers })
      const third = await send(there.port, '/page', { headers })

      expect(second.text).toBe(first.text)
      expect(second.headers).toMatchObject({ 'content-type': 'text/x-test', link: '<a>, <b>' })
      expect(second.cache).toMatch(/^hotpath; hit; ttl=\d+; detail=redis$/)
      expect(third.cache).toMatch(/detail=memory$/)
      expect(handler.calls).toBe(0)
    })

    it('run a handler once between them', async () => {
      const store = bench.newStore()
      const go = deferred()
      const entered = deferred()
      let runs = 0
      const handler: Handler = async (_req, res) => {
        runs += 1
        entered.resolve()
        await go.promise
        res.end('body')
      }
      const servers = await Promise.all(
        [1, 2].map(() => bench.serve(handler, { ...store, ttl: '1m' })),
      )
      const headers = { Host: 'example.com' }

      const pending = Promise.all(
        servers.flatMap(({ port }) =>
          Array.from({ length: 20 }, () => send(port, '/page', { headers })),
        ),
      )
      await entered.promise
      go.resolve()
      const replies = await pending

      expect(runs).toBe(1)
      expect(replies.every(({ text }) => text === 'body')).toBe(true)
    })

    it('fetch what is stale anew behind once between them', async () => {
      const store = bench.newStore()
      const go = deferred()
      const entered = deferred()
      let runs = 0
      const handler: Handler = async (_req, res) => {
        runs += 1
        const run = runs
        if (run > 1) {
          entered.resolve()
          await go.promise
        }
        res.setHeader('Cache-Control', 'max-age=1, stale-while-revalidate=3600')
        res.end(`run ${run}`)
      }
      const servers = await Promise.all([1, 2].map(() => bench.serve(handler, store)))
      const headers = { Host: 'example.com' }
      const askAll = () => Promise.all(servers.map(({ port }) => send(port, '/page', { headers })))
      await askAll()
      const isStale = async (): Promise<boolean> =>
        (await askAll()).every(({ cache }) => cache.includes('detail=stale-while-revalidate'))
      await waitUntil(isStale, 'both serve what is stale')
      await entered.promise

      const meanwhile = [...(await askAll()), ...(await askAll())]
      const runsMeanwhile = runs
      go.resolve()

      expect(meanwhile.every(({ text }) => text === 'run 1')).toBe(true)
      expect(runsMeanwhile).toBe(2)
      const isNew = async (): Promise<boolean> =>
        (await askAll()).every(({ text }) => text !== 'run 1')
      await waitUntil(isNew, 'both serve the new one')
    })

    it('purge for each other', async () => {
      const store = bench.newStore()
      const here = await bench.serve(counting({ 'Cache-Control': 'max-age=60' }), store)
      const there = await bench.serve(counting({ 'Cache-Control': 'max-age=60' }), store)
      const headers = { Host: 'example.com' }
      for (const { port } of [here, there]) await send(port, '/page', { headers })

      const { applied } = await here.responses.purge({ url: '/page' })

      expect(applied).toBe('everywhere')
      expect((await send(here.port, '/page', { headers })).cache).not.toMatch(SERVED)
    })
  })

  describe('Redis', () => {
    it('is not asked for what memory has', async () => {
      const { port } = await bench.serve(counting({ 'Cache-Control': 'max-age=60' }))
      await waitUntil(
        async () => (await send(port, '/page')).cache.includes('memory'),
        'the response is stored',
      )
      const link = createRedisLink(redis().url)
      const commands = async (): Promise<number> => {
        const stats = String(await link.command('info', 'stats'))
        return Number(/total_commands_processed:(\d+)/.exec(stats)?.[1])
      }

      const before = await commands()
      for (let index = 0; index < 50; index += 1) await send(port, '/page')
      const after = await commands()
      await link.close()

      // The one that asks.
      expect(after - before).toBe(1)
    })
  })
}
