import { request, type ServerResponse } from 'node:http'
import { deferred, FakeClock, waitUntil } from '@hotpath/testing'
import { describe, expect, it } from 'vitest'
import { type Bench, counting, SERVED, send } from '../harness.ts'

/** Options about what clients are told, and what their going away means. */
export function clientOptionsSuite(bench: Bench): void {
  describe('clientCacheControl', () => {
    it('tells clients something else than the cache has been told', async () => {
      const fields = { 'Cache-Control': 'max-age=600', Expires: 'Thu, 01 Jan 2099 00:00:00 GMT' }
      const handler = counting(fields)
      const { port } = await bench.serve(handler, { clientCacheControl: 'no-cache' })

      const replies = [await send(port, '/page'), await send(port, '/page')]

      expect(replies.map(({ headers }) => headers['cache-control'])).toEqual([
        'no-cache',
        'no-cache',
      ])
      expect(replies.map(({ headers }) => headers.expires)).toEqual([undefined, undefined])
      expect(replies[1]?.cache).toMatch(SERVED)
    })

    it('may be a function, of what the handler has said', async () => {
      const handler = counting({ 'Cache-Control': 'max-age=600' })
      const { port } = await bench.serve(handler, {
        clientCacheControl: (req, response) =>
          req.url === '/page' ? `${response.getHeader('cache-control')}, immutable` : undefined,
      })

      const changed = [await send(port, '/page'), await send(port, '/page')]
      const left = [await send(port, '/other'), await send(port, '/other')]

      expect(changed.map(({ headers }) => headers['cache-control'])).toEqual([
        'max-age=600, immutable',
        'max-age=600, immutable',
      ])
      expect(left.map(({ headers }) => headers['cache-control'])).toEqual([
        'max-age=600',
        'max-age=600',
      ])
    })

    it('leaves alone what is not kept', async () => {
      const handler = counting({ 'Cache-Control': 'private, max-age=60' })
      const { port } = await bench.serve(handler, { clientCacheControl: 'public, max-age=60' })

      expect((await send(port, '/page')).headers['cache-control']).toBe('private, max-age=60')
    })

    it('is sent on as private from the partition of a user', async () => {
      const handler = counting({ 'Cache-Control': 'max-age=600' })
      const { port } = await bench.serve(handler, {
        clientCacheControl: 'public, max-age=60',
        scope: () => 'user-1',
      })

      const replies = [await send(port, '/page'), await send(port, '/page')]

      expect(replies.map(({ headers }) => headers['cache-control'])).toEqual([
        'private, max-age=60',
        'private, max-age=60',
      ])
    })
  })

  describe('etag', () => {
    it.each([
      ['strong', /^"[\w-]{27}"$/],
      ['weak', /^W\/"[\w-]{27}"$/],
    ] as const)('%s: what is kept can be asked about', async (etag, shape) => {
      const handler = counting({ 'Cache-Control': 'max-age=600' })
      const { port } = await bench.serve(handler, { etag })
      await send(port, '/page')

      const hit = await send(port, '/page')
      const tag = String(hit.headers.etag)
      const again = await send(port, '/page', { headers: { 'If-None-Match': tag } })

      expect(tag).toMatch(shape)
      expect([again.status, again.text]).toEqual([304, ''])
      expect(handler.calls).toBe(1)
    })

    it('leaves the validators that there are, and asks the handler about no others', async () => {
      const handler = counting({ 'Cache-Control': 'max-age=600', ETag: '"own"' })
      const { port } = await bench.serve(handler, { etag: 'strong' })
      await send(port, '/page')

      expect((await send(port, '/page')).headers.etag).toBe('"own"')
    })

    if (bench.store === 'memory') {
      it('is not asked of a handler that has not given it', async () => {
        const clock = new FakeClock()
        const asked: unknown[] = []
        const { port } = await bench.serve(
          (req, res) => {
            asked.push(req.headers['if-none-match'])
            res.setHeader('Cache-Control', 'max-age=10, stale-if-error=60')
            res.end('body')
          },
          { etag: 'strong', clock },
        )
        await send(port, '/page')
        clock.advance(20_000)

        await send(port, '/page')

        expect(asked).toEqual([undefined, undefined])
      })
    }
  })

  describe('cacheStatus', () => {
    it('says the key when it is asked to', async () => {
      const handler = counting({ 'Cache-Control': 'max-age=600' })
      const { port } = await bench.serve(handler, { cacheStatus: { name: 'edge', key: true } })
      const headers = { 'X-Forwarded-Host': 'a "quoted" \\ name' }

      const miss = await send(port, '/page?a=1', { headers })
      const hit = await send(port, '/page?a=1', { headers })

      const key = `key="-localhost:${port}%a/page?a=1%afx-forwarded-host=a \\"quoted\\" \\\\ name"`
      expect(miss.cache).toBe(`edge; fwd=uri-miss; stored; ttl=600; ${key}`)
      expect(hit.cache).toMatch(SERVED)
      expect(hit.cache).toContain(key)
    })
  })

  describe('ignoreClientAbort', () => {
    /** A handler that writes one half, and the other when its client has gone. */
    function halves(): {
      handle: (res: ServerResponse) => void
      entered: Promise<void>
      runs: () => number
    } {
      const entered = deferred()
      let runs = 0
      return {
        entered: entered.promise,
        runs: () => runs,
        handle(res) {
          runs += 1
          res.setHeader('Cache-Control', 'max-age=600')
          res.write(`half of ${runs}, `)
          if (runs > 1) {
            res.end('whole')
            return
          }
          res.on('close', () => setImmediate(() => res.end('whole')))
          entered.resolve()
        },
      }
    }

    async function abortOne(port: number, entered: Promise<void>): Promise<void> {
      const outgoing = request({ port, path: '/page', agent: false })
      outgoing.on('error', () => {})
      outgoing.end()
      await entered
      outgoing.destroy()
    }

    it('keeps what its handler ends although its client has gone', async () => {
      const { handle, entered, runs } = halves()
      const { port } = await bench.serve((_req, res) => handle(res), { ignoreClientAbort: true })

      await abortOne(port, entered)

      const isKept = async (): Promise<boolean> => SERVED.test((await send(port, '/page')).cache)
      await waitUntil(isKept, 'it is kept')
      expect((await send(port, '/page')).text).toBe('half of 1, whole')
      expect(runs()).toBe(1)
    })

    it('trap 19: unless it is set, a client that goes away ends it', async () => {
      const { handle, entered, runs } = halves()
      const { port } = await bench.serve((_req, res) => handle(res))

      await abortOne(port, entered)

      const isNew = async (): Promise<boolean> =>
        (await send(port, '/page')).text === 'half of 2, whole'
      await waitUntil(isNew, 'another has been made')
      expect(runs()).toBe(2)
    })
  })
}
