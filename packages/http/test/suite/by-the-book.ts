import { type IncomingMessage, request } from 'node:http'
import { describe, expect, it } from 'vitest'
import {
  type Bench,
  collect,
  counting,
  type Handler,
  type Reply,
  SERVED,
  send,
} from '../harness.ts'

/** What the public cache suite does not ask, or judges by newer rules than its release on npm. */
export function byTheBookSuite(bench: Bench): void {
  const isServedAgain = async (handler: Handler, options = {}): Promise<boolean> => {
    const { port } = await bench.serve(handler, options)
    await send(port, '/page')
    return SERVED.test((await send(port, '/page')).cache)
  }

  describe('Age (RFC 9111 section 5.1)', () => {
    it.each([
      ['7200', false],
      ['7200, 0', false],
      ['2147483648', false],
      ['0, 7200', true],
      ['0, 0', true],
      ['abc', true],
      ['-7200', true],
      ['7200.0', true],
    ])('max-age=3600 with an Age of %s is fresh: %s', async (age, isFresh) => {
      const handler = counting({ 'Cache-Control': 'max-age=3600', Age: age })

      expect(await isServedAgain(handler)).toBe(isFresh)
    })
  })

  describe('Expires (RFC 9111 section 5.3, RFC 9110 section 5.6.7)', () => {
    it.each([
      ['Thu, 18 Aug 2050 02:01:18 GMT', true],
      ['Thursday, 18-Aug-50 02:01:18 GMT', true],
      ['Thu Aug 18 02:01:18 2050', true],
      ['THU, 18 AUG 2050 02:01:18 gMT', true],
      ['Sun, 21 Nov 2286 04:46:39 GMT', true],
      ['0', false],
      ['Thu, 18 Aug 2050 02:01:18 UTC', false],
      ['Thu, 18 Aug 2050 02:01:18 AEST', false],
      ['Thu, 18 Aug 50 02:01:18 GMT', false],
      ['Thu 18 Aug 2050 02:01:18 GMT', false],
      ['Thu, 18  Aug  2050 02:01:18 GMT', false],
      ['Thu, 18-Aug-2050 02:01:18 GMT', false],
      ['Thu, 18 Aug 2050 02.01.18 GMT', false],
      ['Thu, 18 Aug 2050 2:01:18 GMT', false],
    ])('%s is a future: %s', async (expires, isFresh) => {
      expect(await isServedAgain(counting({ Expires: expires }))).toBe(isFresh)
    })
  })

  describe('targeted cache control (RFC 9213)', () => {
    const targets = ['CDN-Cache-Control']

    it.each<[string, Record<string, string>, boolean]>([
      ['its lifetime counts', { 'CDN-Cache-Control': 'max-age=3600' }, true],
      [
        'with an extension',
        { 'CDN-Cache-Control': 'foobar, max-age=3600', 'Cache-Control': 'max-age=0' },
        true,
      ],
      [
        'before no-store in Cache-Control',
        { 'CDN-Cache-Control': 'max-age=3600', 'Cache-Control': 'no-store' },
        true,
      ],
      [
        'before Expires',
        { 'CDN-Cache-Control': 'max-age=3600', Expires: 'Thu, 01 Jan 1970 00:00:00 GMT' },
        true,
      ],
      ['a large lifetime', { 'CDN-Cache-Control': 'max-age=99999999999' }, true],
      ['less its Age', { 'CDN-Cache-Control': 'max-age=3600', Age: '7200' }, false],
      ['0', { 'CDN-Cache-Control': 'max-age=0', 'Cache-Control': 'max-age=3600' }, false],
      ['private', { 'CDN-Cache-Control': 'private', 'Cache-Control': 'max-age=3600' }, false],
      ['no-cache', { 'CDN-Cache-Control': 'no-cache', 'Cache-Control': 'max-age=3600' }, false],
      ['no-store', { 'CDN-Cache-Control': 'no-store', 'Cache-Control': 'max-age=3600' }, false],
      [
        'no structured field: passed over',
        { 'CDN-Cache-Control': 'max-age=3600, &&&&&', 'Cache-Control': 'no-store' },
        false,
      ],
      [
        'a lifetime that is no number: passed over',
        { 'CDN-Cache-Control': 'max-age="3600"', 'Cache-Control': 'no-store' },
        false,
      ],
    ])('%s', async (_name, fields, isKept) => {
      expect(await isServedAgain(counting(fields), { targets })).toBe(isKept)
    })

    it('a field that is not named by the option does not count', async () => {
      const fields = { 'CDN-Cache-Control': 'no-store', 'Cache-Control': 'max-age=3600' }

      expect(await isServedAgain(counting(fields))).toBe(true)
      expect(await isServedAgain(counting(fields), { targets: ['Other-Cache-Control'] })).toBe(true)
    })

    it('the first named that a response has counts', async () => {
      const fields = {
        'CDN-Cache-Control': 'no-store',
        'App-Cache-Control': 'max-age=60',
      }
      const first = ['App-Cache-Control', 'CDN-Cache-Control']

      expect(await isServedAgain(counting(fields), { targets: first })).toBe(true)
      expect(await isServedAgain(counting(fields), { targets: [...first].reverse() })).toBe(false)
    })
  })

  describe('interim responses (RFC 9110 section 15.2)', () => {
    it.each([102, 103])('%i goes to its client and is not stored', async (status) => {
      const { port } = await bench.serve((_req, res) => {
        if (status === 102) res.writeProcessing()
        else res.writeEarlyHints({ link: '</style.css>; rel=preload', 'x-hint': 'yes' })
        res.setHeader('Cache-Control', 'max-age=60')
        res.end('page')
      })

      const first = await sendForInterim(port)
      const second = await sendForInterim(port)

      expect(first.interim).toEqual([status])
      expect(second.interim).toEqual([])
      expect(second.reply.cache).toMatch(SERVED)
      expect(second.reply.headers['x-hint']).toBeUndefined()
    })
  })

  describe('fields not to be stored (RFC 9111 sections 3.1 and 5.2.2)', () => {
    it.each([
      ['private="x-secret, X-Other"', 'section 5.2.2.7'],
      ['no-cache="x-secret, X-Other"', 'section 5.2.2.4'],
    ])('those that %s names (%s)', async (directive) => {
      const fields = { 'X-Secret': '1', 'X-Other': '2', 'X-Open': '3' }
      const handler = counting({ ...fields, 'Cache-Control': `max-age=60, ${directive}` })
      const { port } = await bench.serve(handler)

      const first = await send(port, '/page')
      const second = await send(port, '/page')

      expect(first.headers).toMatchObject({ 'x-secret': '1', 'x-other': '2', 'x-open': '3' })
      expect(second.cache).toMatch(SERVED)
      expect(second.headers).toMatchObject({ 'x-open': '3' })
      expect([second.headers['x-secret'], second.headers['x-other']]).toEqual([
        undefined,
        undefined,
      ])
    })

    it('those that Connection names', async () => {
      const fields = { Connection: 'X-Hop', 'X-Hop': '1', 'X-End': '2' }
      const { port } = await bench.serve(counting({ ...fields, 'Cache-Control': 'max-age=60' }))
      await send(port, '/page')

      const second = await send(port, '/page')

      expect(second.cache).toMatch(SERVED)
      expect([second.headers['x-hop'], second.headers['x-end']]).toEqual([undefined, '2'])
    })
  })

  describe('ranges of a stored response (RFC 9110 section 14)', () => {
    const FIELDS = {
      'Cache-Control': 'max-age=60',
      ETag: '"1"',
      'Last-Modified': 'Mon, 01 Jan 2024 00:00:00 GMT',
    }
    const digits: Handler = (_req, res) => {
      res.writeHead(200, FIELDS)
      res.end('0123456789')
    }
    const ask = async (headers: Record<string, string>): Promise<Reply> => {
      const { port } = await bench.serve(digits)
      await send(port, '/page')
      return send(port, '/page', { headers })
    }

    it.each([
      ['bytes=0-3', '0123', 'bytes 0-3/10'],
      ['bytes=7-', '789', 'bytes 7-9/10'],
      ['bytes=-2', '89', 'bytes 8-9/10'],
      ['bytes=-20', '0123456789', 'bytes 0-9/10'],
      ['bytes=5-100', '56789', 'bytes 5-9/10'],
    ])('%s is cut from it', async (range, text, contentRange) => {
      const reply = await ask({ Range: range })

      expect([reply.status, reply.text, reply.headers['content-range']]).toEqual([
        206,
        text,
        contentRange,
      ])
      expect(reply.headers['content-length']).toBe(String(text.length))
      expect(reply.cache).toMatch(SERVED)
    })

    it.each(['bytes=10-', 'bytes=50-60', 'bytes=-0'])('416 for %s', async (range) => {
      const reply = await ask({ Range: range })

      expect([reply.status, reply.text, reply.headers['content-range']]).toEqual([
        416,
        '',
        'bytes */10',
      ])
    })

    it('trap 18: a 416 says nothing by which a cache further out would keep it for all', async () => {
      const control = { 'Cache-Control': 'public, max-age=60', 'CDN-Cache-Control': 'max-age=60' }
      const others = { Expires: 'Mon, 01 Jan 2035 00:00:00 GMT', 'Content-Type': 'text/plain' }
      const { port } = await bench.serve((_req, res) => {
        res.writeHead(200, { ...control, ...others, ETag: '"1"', 'X-Other': '1' }).end('page')
      })
      await send(port, '/page')

      const { status, headers } = await send(port, '/page', { headers: { Range: 'bytes=10-' } })

      expect(status).toBe(416)
      expect(headers).toMatchObject({ 'content-range': 'bytes */4', 'x-other': '1' })
      const telling = /^(?:.*cache-control|age|content-type|etag|expires)$/
      expect(Object.keys(headers).filter((name) => telling.test(name))).toEqual([])
    })

    it.each(['bytes=0-1,4-5', 'lines=1-2', 'bytes=5-2', 'bytes=a-b', 'bytes'])(
      '%s gets all of it',
      async (range) => {
        const reply = await ask({ Range: range })

        expect([reply.status, reply.text]).toEqual([200, '0123456789'])
      },
    )

    it.each([
      ['"1"', 206],
      ['"2"', 200],
      ['W/"1"', 200],
      ['Mon, 01 Jan 2024 00:00:00 GMT', 206],
      ['Tue, 02 Jan 2024 00:00:00 GMT', 200],
    ])('If-Range: %s gets %i (section 13.1.5)', async (ifRange, status) => {
      expect((await ask({ Range: 'bytes=0-3', 'If-Range': ifRange })).status).toBe(status)
    })

    it('a condition goes before the range (section 13.2.2)', async () => {
      const reply = await ask({ Range: 'bytes=0-3', 'If-None-Match': '"1"' })

      expect(reply.status).toBe(304)
    })

    it('without a stored response the handler makes the part, which is not kept', async () => {
      const { port } = await bench.serve((req, res) => {
        res.setHeader('Cache-Control', 'max-age=60')
        if (req.headers.range === undefined) return res.end('0123456789')
        res.statusCode = 206
        res.setHeader('Content-Range', 'bytes 0-3/10')
        return res.end('0123')
      })

      const part = await send(port, '/page', { headers: { Range: 'bytes=0-3' } })
      const whole = await send(port, '/page')

      expect([part.status, part.text]).toEqual([206, '0123'])
      expect([whole.status, whole.text]).toEqual([200, '0123456789'])
      expect(whole.cache).not.toMatch(SERVED)
    })

    it('HEAD knows no range', async () => {
      const { port } = await bench.serve(digits)
      await send(port, '/page')

      const reply = await send(port, '/page', { method: 'HEAD', headers: { Range: 'bytes=0-3' } })

      expect([reply.status, reply.headers['content-length']]).toEqual([200, '10'])
    })
  })

  describe('what requests say', () => {
    it.each([{ 'If-Match': '"1"' }, { 'If-Unmodified-Since': 'Mon, 01 Jan 2024 00:00:00 GMT' }])(
      '%j is for the handler to judge (RFC 9111 section 4.3.2)',
      async (headers) => {
        const handler = counting({ 'Cache-Control': 'max-age=60', ETag: '"1"' })
        const { port } = await bench.serve(handler)
        await send(port, '/page')

        const reply = await send(port, '/page', { headers: headers as Record<string, string> })

        expect([reply.text, reply.cache]).toEqual([
          'run 2',
          'hotpath; fwd=bypass; detail=precondition',
        ])
      },
    )

    it('only-if-cached gets what is stored (RFC 9111 section 5.2.1.7)', async () => {
      const { port } = await bench.serve(counting({ 'Cache-Control': 'max-age=60' }), {
        honorRequestCacheControl: true,
      })
      // The second waits until what the first has brought is stored.
      await send(port, '/page')
      await send(port, '/page')

      const reply = await send(port, '/page', { headers: { 'Cache-Control': 'only-if-cached' } })

      expect([reply.status, reply.text]).toEqual([200, 'run 1'])
    })

    it.each<[string, Record<string, string>]>([
      ['only-if-cached, no-cache', {}],
      ['only-if-cached, max-age=0', {}],
      ['only-if-cached, min-fresh=100', {}],
      ['only-if-cached, no-cache', { Range: 'bytes=0-1' }],
      ['only-if-cached', { Authorization: 'Bearer x' }],
    ])(
      '%s, %o: 504 where what is stored will not do, and nobody is asked',
      async (control, more) => {
        const handler = counting({ 'Cache-Control': 'max-age=60' })
        const { port } = await bench.serve(handler, { honorRequestCacheControl: true })
        await send(port, '/page')
        await send(port, '/page')

        const headers = { 'Cache-Control': control, ...more }
        const { status, cache } = await send(port, '/page', { headers })

        expect([status, cache]).toEqual([504, 'hotpath; detail=only-if-cached'])
        expect(handler.calls).toBe(1)
      },
    )

    it.each(['HEAD', 'OPTIONS'])(
      'a successful %s invalidates nothing (RFC 9111 section 4.4)',
      async (method) => {
        const { port } = await bench.serve(counting({ 'Cache-Control': 'max-age=60' }))
        await send(port, '/page')

        await send(port, '/page', { method })

        expect((await send(port, '/page')).text).toBe('run 1')
      },
    )
  })
}

/** A request, with the interim responses that came before its answer. */
function sendForInterim(port: number): Promise<{ reply: Reply; interim: number[] }> {
  const interim: number[] = []
  return new Promise((resolve, reject) => {
    const outgoing = request({ port, path: '/page', agent: false })
    outgoing.on('information', ({ statusCode }) => interim.push(statusCode))
    outgoing.on('response', (incoming: IncomingMessage) => {
      collect(incoming).then((reply) => resolve({ reply, interim }), reject)
    })
    outgoing.on('error', reject)
    outgoing.end()
  })
}
