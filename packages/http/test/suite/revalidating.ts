import type { IncomingMessage, ServerResponse } from 'node:http'
import { FakeClock } from '@hotpath/testing'
import { describe, expect, it } from 'vitest'
import { type Bench, type CachedServer, type Handler, SERVED, send } from '../harness.ts'

type Fields = Record<string, string>

/** A handler with numbered answers; the last goes on answering. */
interface Scripted extends Handler {
  readonly asked: IncomingMessage['headers'][]
}

function scripted(...answers: Handler[]): Scripted {
  const asked: IncomingMessage['headers'][] = []
  const handler = (req: IncomingMessage, res: ServerResponse): unknown => {
    asked.push({ ...req.headers })
    return (answers[asked.length - 1] ?? answers.at(-1))?.(req, res)
  }
  return Object.assign(handler, { asked })
}

function page(text: string, fields: Fields, status = 200): Handler {
  return (_req, res) => {
    res.writeHead(status, fields)
    res.end(text)
  }
}

function notModified(fields: Fields): Handler {
  return page('', fields, 304)
}

const OLD = 'Mon, 01 Jan 2024 00:00:00 GMT'

/** What becomes of a stored response that is no longer fresh (RFC 9111 sections 4.2.4 and 4.3). */
export function revalidatingSuite(bench: Bench): void {
  // Redis judges by a clock of its own.
  if (bench.store === 'memory') {
    describe('revalidation', () => {
      /** A server whose first answer has been stored and is stale. */
      async function stale(
        handler: Handler,
        options = {},
      ): Promise<CachedServer & { clock: FakeClock }> {
        const clock = new FakeClock()
        const server = await bench.serve(handler, { clock, ...options })
        await send(server.port, '/page')
        clock.advance(30_000)
        return { ...server, clock }
      }

      it.each<[string, Fields, Fields]>([
        ['an entity tag', { ETag: '"1"' }, { 'if-none-match': '"1"' }],
        ['a weak entity tag', { ETag: 'W/"1"' }, { 'if-none-match': 'W/"1"' }],
        ['a time', { 'Last-Modified': OLD }, { 'if-modified-since': OLD }],
        [
          'both',
          { ETag: '"1"', 'Last-Modified': OLD },
          { 'if-none-match': '"1"', 'if-modified-since': OLD },
        ],
      ])(
        'asks the handler by %s, and a 304 freshens what is stored',
        async (_name, validators, sent) => {
          const fields = { 'Cache-Control': 'max-age=10', ...validators }
          const handler = scripted(page('old', fields), notModified(fields))
          const { port } = await stale(handler)

          const confirmed = await send(port, '/page')
          const after = await send(port, '/page')

          expect(handler.asked[1]).toMatchObject(sent)
          expect([confirmed.status, confirmed.text]).toEqual([200, 'old'])
          expect(confirmed.cache).toBe('hotpath; fwd=stale; fwd-status=304; stored; ttl=10')
          expect(after.cache).toMatch(SERVED)
          expect(handler.asked).toHaveLength(2)
        },
      )

      it('the fields of a 304 take the place of those stored; others stay (section 3.2)', async () => {
        const stored = {
          'Cache-Control': 'max-age=10',
          ETag: '"1"',
          'X-Kept': '1',
          'X-Changed': '1',
        }
        const update = {
          'Cache-Control': 'max-age=20',
          ETag: '"1"',
          'X-Changed': '2',
          'X-New': '2',
          'Content-Encoding': 'br',
        }
        const handler = scripted(page('old', stored), notModified(update))
        const { port } = await stale(handler)

        const replies = [await send(port, '/page'), await send(port, '/page')]

        for (const { headers, text } of replies) {
          expect(text).toBe('old')
          expect(headers).toMatchObject({
            'cache-control': 'max-age=20',
            'x-kept': '1',
            'x-changed': '2',
            'x-new': '2',
            'content-length': '3',
          })
          expect(headers['content-encoding']).toBeUndefined()
        }
      })

      it('what a 304 forbids is forbidden from then on, though nothing more is to be served from it', async () => {
        const handler = scripted(
          page('old', { 'Cache-Control': 'max-age=10, stale-if-error=600', ETag: '"1"' }),
          notModified({ 'Cache-Control': 'no-cache', ETag: '"1"' }),
          page('failed', {}, 503),
        )
        const { port } = await stale(handler)
        await send(port, '/page')

        const failed = await send(port, '/page')

        expect([failed.status, failed.text]).toEqual([503, 'failed'])
      })

      it('by what a 304 says that it varies, others are told apart from then on', async () => {
        const handler = scripted(
          page('for all', { 'Cache-Control': 'max-age=10', ETag: '"1"' }),
          notModified({ 'Cache-Control': 'no-cache', Vary: 'X-A', ETag: '"1"' }),
          page('for another', { 'Cache-Control': 'no-cache', Vary: 'X-A', ETag: '"2"' }),
        )
        const { port } = await stale(handler)
        await send(port, '/page', { headers: { 'X-A': '1' } })

        const other = await send(port, '/page', { headers: { 'X-A': '2' } })

        expect(handler.asked[2]?.['if-none-match']).toBeUndefined()
        expect(other.text).toBe('for another')
      })

      it('a 304 about another representation updates nothing (section 4.3.4)', async () => {
        const handler = scripted(
          page('old', { 'Cache-Control': 'max-age=10', ETag: '"1"' }),
          notModified({ 'Cache-Control': 'max-age=600', ETag: '"2"' }),
          page('new', { 'Cache-Control': 'max-age=10', ETag: '"2"' }),
        )
        const { port } = await stale(handler)

        const confirmed = await send(port, '/page')
        const next = await send(port, '/page')

        expect([confirmed.text, confirmed.headers.etag]).toEqual(['old', '"1"'])
        expect(next.text).toBe('new')
      })

      it('a 200 takes the place of what is stored (section 4.3.3)', async () => {
        const fields = { 'Cache-Control': 'max-age=10' }
        const handler = scripted(
          page('old', { ...fields, ETag: '"1"', 'X-Old': '1' }),
          page('new', { ...fields, ETag: '"2"' }),
        )
        const { port } = await stale(handler)

        const replies = [await send(port, '/page'), await send(port, '/page')]

        expect(replies.map(({ text }) => text)).toEqual(['new', 'new'])
        expect(replies[1]?.headers['x-old']).toBeUndefined()
        expect(replies[1]?.cache).toMatch(SERVED)
      })

      it('what is stored is not served again once the handler says no-store', async () => {
        const handler = scripted(
          page('old', { 'Cache-Control': 'max-age=10, stale-if-error=600', ETag: '"1"' }),
          page('new', { 'Cache-Control': 'no-store' }),
          page('', {}, 500),
        )
        const { port } = await stale(handler)

        const replies = [await send(port, '/page'), await send(port, '/page')]

        expect(replies.map(({ status, text }) => [status, text])).toEqual([
          [200, 'new'],
          [500, ''],
        ])
      })

      it.each(['no-cache', 'no-cache, max-age=60', 'max-age=0'])(
        '%s: the handler is asked each time (section 5.2.2.4)',
        async (control) => {
          const fields = { 'Cache-Control': control, ETag: '"1"' }
          const handler = scripted(page('body', fields), notModified(fields))
          const { port } = await bench.serve(handler, { clock: new FakeClock() })

          const replies = [
            await send(port, '/page'),
            await send(port, '/page'),
            await send(port, '/page'),
          ]

          expect(replies.map(({ text }) => text)).toEqual(['body', 'body', 'body'])
          expect(handler.asked.map((headers) => headers['if-none-match'])).toEqual([
            undefined,
            '"1"',
            '"1"',
          ])
        },
      )

      it('a condition of the client is answered from what is stored, once the handler has confirmed it', async () => {
        const fields = { 'Cache-Control': 'max-age=10', ETag: '"1"' }
        const handler = scripted(page('old', fields), notModified(fields))
        const { port } = await stale(handler)

        const same = await send(port, '/page', { headers: { 'If-None-Match': '"1"' } })
        const other = await send(port, '/page', { headers: { 'If-None-Match': '"0"' } })

        expect([same.status, same.text]).toEqual([304, ''])
        expect([other.status, other.text]).toEqual([200, 'old'])
        expect(handler.asked[1]?.['if-none-match']).toBe('"1"')
      })

      it('HEAD asks the handler, whose answer freshens what is stored (section 4.3.5)', async () => {
        const fields = { 'Cache-Control': 'max-age=10', ETag: '"1"' }
        const handler = scripted(page('old', fields), (req, res) => {
          res.writeHead(200, { ...fields, 'Content-Length': 3, 'X-New': req.method ?? '' })
          res.end()
        })
        const { port } = await stale(handler)

        await send(port, '/page', { method: 'HEAD' })
        const after = await send(port, '/page')

        expect(handler.asked).toHaveLength(2)
        expect([after.text, after.headers['x-new']]).toEqual(['old', 'HEAD'])
        expect(after.cache).toMatch(SERVED)
      })

      it('the answer to a HEAD that is about another representation does not (section 4.3.5)', async () => {
        const fields = { 'Cache-Control': 'max-age=10' }
        const handler = scripted(
          page('old', { ...fields, ETag: '"1"' }),
          (_req, res) => {
            res.writeHead(200, { ...fields, ETag: '"2"' })
            res.end()
          },
          page('new', { ...fields, ETag: '"2"' }),
        )
        const { port } = await stale(handler)

        await send(port, '/page', { method: 'HEAD' })

        expect((await send(port, '/page')).text).toBe('new')
      })
    })
  }

  if (bench.store === 'memory') {
    describe('serving stale when the handler fails', () => {
      const KEPT = { 'Cache-Control': 'max-age=10, stale-if-error=60' }
      const failures: [string, Handler][] = [
        ...[500, 502, 503, 504].map((status): [string, Handler] => [
          `a ${status}`,
          page('failed', {}, status),
        ]),
        [
          'a handler that breaks off',
          (_req, res) => {
            res.destroy()
          },
        ],
      ]

      async function ask(
        { fields = KEPT, afterMs = 30_000, options = {} }: Ask,
        failure: Handler,
      ): Promise<{ status: number; text: string; cache: string }> {
        const clock = new FakeClock()
        const { port } = await bench.serve(scripted(page('old', fields), failure), {
          clock,
          ...options,
        })
        await send(port, '/page')
        clock.advance(afterMs)
        const { status, text, cache } = await send(port, '/page')
        return { status, text, cache }
      }

      interface Ask {
        fields?: Fields
        afterMs?: number
        options?: { staleIfError?: '1m' }
      }

      it.each(failures)('%s (RFC 5861 section 4)', async (_name, failure) => {
        const { status, text, cache } = await ask({}, failure)

        expect([status, text]).toEqual([200, 'old'])
        expect(cache).toContain('detail=stale-if-error')
      })

      it.each(failures)('%s, by the option staleIfError', async (_name, failure) => {
        const fields = { 'Cache-Control': 'max-age=10' }

        const { text } = await ask({ fields, options: { staleIfError: '1m' } }, failure)

        expect(text).toBe('old')
      })

      it.each([400, 403, 404, 410, 501])('not for a %i, which is an answer', async (status) => {
        const reply = await ask({}, page('no', {}, status))

        expect([reply.status, reply.text]).toEqual([status, 'no'])
      })

      it('not past its window', async () => {
        const reply = await ask({ afterMs: 71_000 }, page('failed', {}, 500))

        expect([reply.status, reply.text]).toEqual([500, 'failed'])
      })

      it.each(['must-revalidate', 'proxy-revalidate', 'no-cache', 's-maxage=10'])(
        'never past %s (RFC 9111 section 4.2.4)',
        async (directive) => {
          const control = `max-age=10, stale-if-error=600, ${directive}`
          const fields = { 'Cache-Control': control, ETag: '"1"' }

          const reply = await ask(
            { fields, options: { staleIfError: '1m' } },
            page('failed', {}, 502),
          )

          expect([reply.status, reply.text]).toEqual([502, 'failed'])
        },
      )
    })
  }
}
