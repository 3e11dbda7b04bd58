import type { IncomingMessage, ServerResponse } from 'node:http'
import { deferred, FakeClock, waitUntil } from '@hotpath/testing'
import { describe, expect, it } from 'vitest'
import { type Bench, type Handler, type Reply, send } from '../harness.ts'

const STALE = /; hit; ttl=(?:0|-\d+); detail=stale-while-revalidate$/

/** A handler of numbered runs, each of which may be told what to do. */
function scripted(...runs: Handler[]): Handler & { calls: IncomingMessage[] } {
  const handler = (req: IncomingMessage, res: ServerResponse): unknown => {
    handler.calls.push(req)
    const run = runs[handler.calls.length - 1] ?? runs.at(-1)
    return run?.(req, res)
  }
  handler.calls = [] as IncomingMessage[]
  return handler
}

function says(text: string, fields: Record<string, string> = {}, status = 200): Handler {
  return (_req, res) => {
    res.writeHead(status, { 'Cache-Control': 'max-age=10, stale-while-revalidate=60', ...fields })
    res.end(text)
  }
}

/** Responses that are fetched anew while they are served stale (RFC 5861 section 3). */
export function refreshingSuite(bench: Bench): void {
  const isText = (port: number, text: string) => async () =>
    (await send(port, '/page')).text === text

  describe('refreshing behind, in time', () => {
    it('serves what is stale at once, and then what its route gives', async () => {
      const control = { 'Cache-Control': 'max-age=1, stale-while-revalidate=3600' }
      const handler = scripted(says('old', control), says('new'))
      const { port } = await bench.serve(handler)
      const replies = [await send(port, '/page')]

      await waitUntil(async () => {
        replies.push(await send(port, '/page'))
        return replies.at(-1)?.text === 'new'
      }, 'the new one is served')

      expect(replies.filter(({ cache }) => STALE.test(cache)).length).toBeGreaterThan(0)
      expect(handler.calls).toHaveLength(2)
    })
  })

  // Redis judges by a clock of its own.
  if (bench.store === 'memory') {
    describe('refreshing behind', () => {
      it('serves what is stale at once, and what its route gives by then afterwards', async () => {
        const clock = new FakeClock()
        const handler = scripted(says('old'), says('new'))
        const { port } = await bench.serve(handler, { clock })
        await send(port, '/page')
        clock.advance(15_000)

        const stale = await send(port, '/page')

        expect(stale.text).toBe('old')
        expect(stale.cache).toMatch(STALE)
        await waitUntil(isText(port, 'new'), 'the new one is served')
        expect(handler.calls).toHaveLength(2)
      })

      it('the option does for responses that say nothing of it', async () => {
        const clock = new FakeClock()
        const handler = scripted(
          (_req, res) => res.end('old'),
          (_req, res) => res.end('new'),
        )
        const { port } = await bench.serve(handler, {
          clock,
          ttl: '10s',
          staleWhileRevalidate: '1m',
        })
        await send(port, '/page')
        clock.advance(15_000)

        const stale = await send(port, '/page')

        expect(stale.text).toBe('old')
        await waitUntil(isText(port, 'new'), 'the new one is served')
      })

      it('runs the route once, however many are served meanwhile', async () => {
        const clock = new FakeClock()
        const go = deferred()
        const entered = deferred()
        const handler = scripted(says('old'), async (req, res) => {
          entered.resolve()
          await go.promise
          await says('new')(req, res)
        })
        const { port } = await bench.serve(handler, { clock })
        await send(port, '/page')
        clock.advance(15_000)

        const first = await send(port, '/page')
        await entered.promise
        const others = await Promise.all(Array.from({ length: 20 }, () => send(port, '/page')))
        go.resolve()

        expect([first, ...others].every(({ text }: Reply) => text === 'old')).toBe(true)
        await waitUntil(isText(port, 'new'), 'the new one is served')
        expect(handler.calls).toHaveLength(2)
      })

      it('asks whether what is stored still holds', async () => {
        const clock = new FakeClock()
        const handler = scripted(says('old', { ETag: '"1"' }), (req, res) => {
          res.statusCode = req.headers['if-none-match'] === '"1"' ? 304 : 200
          res.setHeader('Cache-Control', 'max-age=20')
          res.end()
        })
        const { port } = await bench.serve(handler, { clock })
        await send(port, '/page')
        clock.advance(15_000)

        await send(port, '/page')

        const isFresh = async (): Promise<boolean> =>
          (await send(port, '/page')).headers['cache-control'] === 'max-age=20'
        await waitUntil(isFresh, 'it has been confirmed')
        expect((await send(port, '/page')).text).toBe('old')
        expect(handler.calls).toHaveLength(2)
      })

      it('carries what the key and Vary are made of, and nothing else of the client', async () => {
        const clock = new FakeClock()
        const shared = 'public, max-age=10, stale-while-revalidate=60'
        const fields = { 'Cache-Control': shared, Vary: 'Accept-Language' }
        const handler = scripted(says('old', fields), says('new', fields))
        const { port } = await bench.serve(handler, {
          clock,
          keyHeaders: ['x-tenant'],
          keyCookies: ['theme'],
        })
        const headers = {
          'Accept-Language': 'fr',
          Authorization: 'Bearer secret',
          Cookie: 'session=secret; theme=dark',
          'X-Tenant': 'acme',
          'X-Other': 'other',
        }
        await send(port, '/page?a=1', { headers })
        clock.advance(15_000)

        await send(port, '/page?a=1', { headers })

        await waitUntil(() => handler.calls.length === 2, 'the route has run')
        const [, run] = handler.calls
        expect(run?.url).toBe('/page?a=1')
        expect(run?.headers).toEqual({
          host: `localhost:${port}`,
          'accept-language': 'fr',
          cookie: 'theme=dark',
          'x-tenant': 'acme',
        })
      })

      it('does not hold in a partition, whose user it could not be', async () => {
        const clock = new FakeClock()
        const handler = scripted(says('old'), says('new'))
        const scope = (): string => 'user-1'
        const { port } = await bench.serve(handler, { clock, scope })
        await send(port, '/page')
        clock.advance(15_000)

        const reply = await send(port, '/page')

        expect(reply.text).toBe('new')
      })

      it.each([
        ['a failure', says('broken', {}, 500)],
        [
          'a refusal of who comes without credentials',
          says('who?', { 'Cache-Control': 'no-store' }, 401),
        ],
        ['a way to the login', says('', { 'Cache-Control': 'no-store', Location: '/login' }, 302)],
        [
          'a response that breaks off',
          (_req: IncomingMessage, res: ServerResponse) => {
            res.writeHead(200, { 'Cache-Control': 'max-age=10' })
            res.write('ha')
            res.destroy()
          },
        ],
        [
          'a handler that throws',
          () => {
            throw new Error('This was thrown by the handler')
          },
        ],
      ])('%s changes nothing, and is not asked for again at once', async (_name, broken) => {
        const clock = new FakeClock()
        const handler = scripted(says('old'), broken)
        const { port } = await bench.serve(handler, { clock })
        await send(port, '/page')
        clock.advance(15_000)

        await send(port, '/page')
        await waitUntil(() => handler.calls.length === 2, 'the route has run')
        const later = [await send(port, '/page'), await send(port, '/page')]

        expect(later.map(({ text }) => text)).toEqual(['old', 'old'])
        expect(handler.calls).toHaveLength(2)
      })

      it('what is gone is no longer served', async () => {
        const clock = new FakeClock()
        const handler = scripted(says('old'), says('gone', { 'Cache-Control': 'no-store' }, 404))
        const { port } = await bench.serve(handler, { clock })
        await send(port, '/page')
        clock.advance(15_000)
        await send(port, '/page')

        const isGone = async (): Promise<boolean> => (await send(port, '/page')).status === 404
        await waitUntil(isGone, 'it is gone')

        expect((await send(port, '/page')).text).toBe('gone')
      })

      it('a purge meanwhile wins', async () => {
        const clock = new FakeClock()
        const go = deferred()
        const handler = scripted(
          says('old'),
          async (req, res) => {
            await go.promise
            await says('made before the purge')(req, res)
          },
          says('new'),
        )
        const { port, responses } = await bench.serve(handler, { clock })
        await send(port, '/page')
        clock.advance(15_000)
        await send(port, '/page')
        await waitUntil(() => handler.calls.length === 2, 'the route has run')

        await responses.purge({ url: '/page' })
        go.resolve()

        expect((await send(port, '/page')).text).toBe('new')
        expect((await send(port, '/page')).text).toBe('new')
      })

      it.each(['must-revalidate', 'proxy-revalidate', 'no-cache', 's-maxage=10'])(
        'never past %s',
        async (directive) => {
          const clock = new FakeClock()
          const control = `max-age=10, stale-while-revalidate=60, ${directive}`
          const fields = { 'Cache-Control': control, ETag: '"1"' }
          const handler = scripted(says('old', fields), says('new', fields))
          const { port } = await bench.serve(handler, { clock, staleWhileRevalidate: '1m' })
          await send(port, '/page')
          clock.advance(15_000)

          expect((await send(port, '/page')).text).toBe('new')
        },
      )

      it('earlyRefresh: fetches what is popular anew before it is stale', async () => {
        const clock = new FakeClock()
        const handler = scripted((req, res) => {
          // What it takes, by the cache's clock.
          clock.advance(100)
          return says('old')(req, res)
        }, says('new'))
        const { port } = await bench.serve(handler, { clock, earlyRefresh: { beta: 100 } })
        await send(port, '/page')
        clock.advance(9_890)

        const fresh = await send(port, '/page')

        expect(fresh.cache).toBe('hotpath; hit; ttl=0; detail=memory')
        await waitUntil(isText(port, 'new'), 'the new one is served')
        expect(handler.calls).toHaveLength(2)
      })

      it('past its window it is fetched before it is served', async () => {
        const clock = new FakeClock()
        const handler = scripted(says('old'), says('new'))
        const { port } = await bench.serve(handler, { clock })
        await send(port, '/page')
        clock.advance(71_000)

        expect((await send(port, '/page')).text).toBe('new')
      })

      it('HEAD and parts are served stale too, and the whole is fetched behind', async () => {
        const clock = new FakeClock()
        const handler = scripted(says('old'), says('new'))
        const { port } = await bench.serve(handler, { clock })
        await send(port, '/page')
        clock.advance(15_000)

        const part = await send(port, '/page', { headers: { Range: 'bytes=0-1' } })
        const head = await send(port, '/page', { method: 'HEAD' })

        expect([part.status, part.text, head.status]).toEqual([206, 'ol', 200])
        await waitUntil(isText(port, 'new'), 'the new one is served')
        expect(handler.calls.map(({ method }) => method)).toEqual(['GET', 'GET'])
      })
    })
  }
}
