import { createCache } from '@hotpath/core'
import { cacheTags } from '@hotpath/http'
import { deferred } from '@hotpath/testing'
import { describe, expect, it } from 'vitest'
import { type Bench, counting, type Handler, SERVED, send } from '../harness.ts'

/** Removing what is stored. */
export function purgeSuite(bench: Bench): void {
  describe('purge()', () => {
    const fields = { 'Cache-Control': 'max-age=60' }

    async function warm(port: number, paths: readonly string[]): Promise<void> {
      for (const path of paths) await send(port, path)
    }

    async function areHits(port: number, paths: readonly string[]): Promise<boolean[]> {
      const hits = []
      for (const path of paths) hits.push(SERVED.test((await send(port, path)).cache))
      return hits
    }

    it('by url: that URL in all variants and on all hosts, and no other', async () => {
      const { port, responses } = await bench.serve(
        counting({ ...fields, Vary: 'Accept-Language' }),
      )
      const variants = [{}, { 'Accept-Language': 'de' }, { Host: 'other.example' }]
      for (const headers of variants) await send(port, '/a?x=1', { headers })
      await warm(port, ['/a', '/a?x=2', '/a/b'])

      await responses.purge({ url: '/a?x=1' })

      const purged = await Promise.all(variants.map((headers) => send(port, '/a?x=1', { headers })))
      expect(purged.some(({ cache }) => SERVED.test(cache))).toBe(false)
      expect(await areHits(port, ['/a', '/a?x=2', '/a/b'])).toEqual([true, true, true])
    })

    it('by a whole URL, or one spelled otherwise', async () => {
      const { port, responses } = await bench.serve(counting(fields))
      await warm(port, ['/caf%C3%A9', '/b'])

      await responses.purge({ url: ['https://example.com/café', 'http://example.com/b'] })

      expect(await areHits(port, ['/caf%C3%A9', '/b'])).toEqual([false, false])
    })

    it('by prefix: whole segments, with any query', async () => {
      const { port, responses } = await bench.serve(counting(fields))
      const below = ['/api/cities', '/api/cities?a=1', '/api/cities/7', '/api/cities/7/x/y/z']
      const beside = ['/api', '/api/cities-old', '/apix']
      await warm(port, [...below, ...beside])

      await responses.purge({ prefix: '/api/cities' })

      expect(await areHits(port, below)).toEqual([false, false, false, false])
      expect(await areHits(port, beside)).toEqual([true, true, true])
    })

    it('by the prefix of everything', async () => {
      const { port, responses } = await bench.serve(counting(fields))
      await warm(port, ['/', '/a'])

      await responses.purge({ prefix: '/' })

      expect(await areHits(port, ['/', '/a'])).toEqual([false, false])
    })

    it('by tag: from tags, cacheTags(), Cache-Tag and Surrogate-Key', async () => {
      const handler: Handler = (req, res) => {
        res.setHeader('Cache-Control', 'max-age=60')
        if (req.url === '/a') cacheTags(res, 'one', 'shared')
        if (req.url === '/b') res.setHeader('Cache-Tag', 'two, shared')
        if (req.url === '/c') res.writeHead(200, { 'Surrogate-Key': 'three shared' })
        res.end('body')
      }
      const { port, responses } = await bench.serve(handler, { tags: ({ url }) => [`path:${url}`] })
      const paths = ['/a', '/b', '/c', '/d']
      await warm(port, paths)

      const seen = []
      for (const tag of ['one', 'two', 'three', 'path:/d', 'shared']) {
        await responses.purge({ tag })
        seen.push(await areHits(port, paths))
      }

      expect(seen).toEqual([
        [false, true, true, true],
        [true, false, true, true],
        [true, true, false, true],
        [true, true, true, false],
        [false, false, false, true],
      ])
    })

    it.each([{ 'Cache-Tag': 'one' }, { 'Surrogate-Key': 'one' }])(
      'tags in fields are not for clients: %o',
      async (tagFields) => {
        const handler = counting({ ...fields, ...(tagFields as Record<string, string>) })
        const { port } = await bench.serve(handler)

        const replies = [
          await send(port, '/page'),
          await send(port, '/page'),
          await send(port, '/page', { method: 'POST' }),
          await send(port, '/page', { headers: { Range: 'bytes=0-1' } }),
        ]

        for (const { headers } of replies) {
          expect(headers['cache-tag']).toBeUndefined()
          expect(headers['surrogate-key']).toBeUndefined()
        }
      },
    )

    it('a tag purged in the cache itself takes the responses with it', async () => {
      const cache = createCache(bench.newStore())
      const { port } = await bench.serve(counting({ ...fields, 'Cache-Tag': 'city:7' }), { cache })
      await send(port, '/page')

      await cache.deleteByTag('city:7')

      expect((await send(port, '/page')).cache).not.toMatch(SERVED)
      await cache.close()
    })

    it('wins over a handler run that began before it', async () => {
      const entered = deferred()
      const leave = deferred()
      let runs = 0
      const { port, responses } = await bench.serve(async (_req, res) => {
        runs += 1
        const run = runs
        res.setHeader('Cache-Control', 'max-age=60')
        entered.resolve()
        if (run === 1) await leave.promise
        res.end(`run ${run}`)
      })
      const pending = send(port, '/page')
      await entered.promise

      await responses.purge({ url: '/page' })
      leave.resolve()

      expect((await pending).text).toBe('run 1')
      expect((await send(port, '/page')).text).toBe('run 2')
    })

    it.each([{}, { url: '' }, { url: 7 }, { tag: ['a', ''] }, { url: '/a', tag: 'b' }, undefined])(
      'refuses what is no target: %o',
      async (target) => {
        const { responses } = await bench.serve(counting())

        await expect(responses.purge(target as never)).rejects.toMatchObject({
          code: 'ERR_OPTION_INVALID',
        })
      },
    )
  })

  describe('unsafe methods', () => {
    const handler: Handler = (req, res) => {
      res.setHeader('Cache-Control', 'max-age=60')
      if (req.headers['x-status'] !== undefined) res.statusCode = Number(req.headers['x-status'])
      if (req.method === 'POST') {
        res.setHeader('Location', '/created')
        res.setHeader('Content-Location', 'http://other.example/elsewhere')
      }
      res.end('body')
    }

    it.each(['POST', 'PUT', 'PATCH', 'DELETE', 'M-SEARCH'])(
      'a successful %s purges its URL',
      async (method) => {
        const { port } = await bench.serve(handler)
        await send(port, '/page')

        const unsafe = await send(port, '/page', { method })
        const after = await send(port, '/page')

        expect(unsafe.cache).toBe('hotpath; fwd=method')
        expect(after.cache).not.toMatch(SERVED)
      },
    )

    it('it purges its Location, on the same host', async () => {
      const { port } = await bench.serve(handler)
      for (const path of ['/page', '/created', '/elsewhere']) await send(port, path)

      await send(port, '/page', { method: 'POST' })

      expect((await send(port, '/created')).cache).not.toMatch(SERVED)
      expect((await send(port, '/elsewhere')).cache).toMatch(SERVED)
    })

    it.each([
      ['a failed POST', { method: 'POST', headers: { 'X-Status': '500' } }],
      ['a refused POST', { method: 'POST', headers: { 'X-Status': '403' } }],
      ['OPTIONS', { method: 'OPTIONS' }],
    ])('%s purges nothing', async (_name, sent) => {
      const { port } = await bench.serve(handler)
      await send(port, '/page')

      await send(port, '/page', sent)

      expect((await send(port, '/page')).cache).toMatch(SERVED)
    })

    it('invalidateOnUnsafe: false purges nothing', async () => {
      const { port } = await bench.serve(handler, { invalidateOnUnsafe: false })
      await send(port, '/page')

      await send(port, '/page', { method: 'POST' })

      expect((await send(port, '/page')).cache).toMatch(SERVED)
    })
  })
}
