import type { ServerResponse } from 'node:http'
import { FakeClock, waitUntil } from '@hotpath/testing'
import { describe, expect, it } from 'vitest'
import { type Bench, counting, type Handler, SERVED, type SuiteOptions, send } from '../harness.ts'

/** What is kept, for how long, and what never is. */
export function storingSuite(bench: Bench): void {
  describe('what is kept', () => {
    it('a response that gives itself a lifetime is served again', async () => {
      const handler = counting({ 'Cache-Control': 'max-age=60', 'X-Kept': 'yes' })
      const { port } = await bench.serve(handler)

      const first = await send(port, '/page')
      const second = await send(port, '/page')

      expect(first.text).toBe('run 1')
      expect(first.cache).toBe('hotpath; fwd=uri-miss; stored; ttl=60')
      expect(first.headers.age).toBeUndefined()
      expect(second.text).toBe('run 1')
      expect(second.cache).toMatch(
        bench.store === 'memory' ? /^hotpath; hit; ttl=(59|60); detail=memory$/ : SERVED,
      )
      expect(second.headers).toMatchObject({ age: '0', 'x-kept': 'yes', 'content-length': '5' })
    })

    it('by default a response that says nothing is not kept', async () => {
      const { port } = await bench.serve(counting())

      await send(port, '/page')
      const second = await send(port, '/page')

      expect(second.text).toBe('run 2')
    })

    it('ttl keeps a response that says nothing', async () => {
      const { port } = await bench.serve(counting(), { ttl: '30s' })

      await send(port, '/page')
      const second = await send(port, '/page')

      expect(second.text).toBe('run 1')
      expect(second.cache).toMatch(/(hit|collapsed); ttl=(29|30)/)
    })

    it.each([
      ['max-age=10', 10],
      ['s-maxage=20, max-age=5', 20],
      ['max-age="15"', 15],
    ])('%s goes before ttl', async (cacheControl, seconds) => {
      const { port } = await bench.serve(counting({ 'Cache-Control': cacheControl }), { ttl: '1h' })

      const first = await send(port, '/page')

      expect(first.cache).toBe(`hotpath; fwd=uri-miss; stored; ttl=${seconds}`)
    })

    it('Expires less Date is a lifetime', async () => {
      const nowMs = Date.now()
      const handler = counting({
        Date: new Date(nowMs).toUTCString(),
        Expires: new Date(nowMs + 100_000).toUTCString(),
      })
      const { port } = await bench.serve(handler)

      const first = await send(port, '/page')

      expect(first.cache).toMatch(/stored; ttl=(99|100)/)
    })

    it('maxTtl limits what a response says', async () => {
      const handler = counting({ 'Cache-Control': 'max-age=31536000' })
      const { port } = await bench.serve(handler, { maxTtl: '2m' })

      const first = await send(port, '/page')

      expect(first.cache).toMatch(/stored; ttl=120/)
    })

    // A fake clock does not move Redis's own, by which it lets entries expire.
    if (bench.store === 'memory') {
      it('Age grows and freshness ends', async () => {
        const clock = new FakeClock()
        const handler = counting({ 'Cache-Control': 'max-age=60' })
        const { port } = await bench.serve(handler, { clock })
        await send(port, '/page')

        clock.advance(59_000)
        const late = await send(port, '/page')
        clock.advance(1_000)
        const after = await send(port, '/page')

        expect(late.headers.age).toBe('59')
        expect(late.cache).toBe('hotpath; hit; ttl=1; detail=memory')
        expect(after.text).toBe('run 2')
      })
    }

    it('an Age that a response brings with it counts', async () => {
      const handler = counting({ 'Cache-Control': 'max-age=60', Age: '50' })
      const { port } = await bench.serve(handler)

      const first = await send(port, '/page')
      const second = await send(port, '/page')

      expect(first.cache).toMatch(/stored; ttl=(9|10)$/)
      expect(second.headers.age).toBe('50')
      expect(second.rawHeaders.filter((name) => name.toLowerCase() === 'age')).toHaveLength(1)
    })

    it('the time at which a response was made is kept with it', async () => {
      const { port } = await bench.serve(counting(), { ttl: '30s' })

      const first = await send(port, '/page')
      const second = await send(port, '/page')

      expect(second.headers.date).toBeDefined()
      expect(Date.parse(String(second.headers.date))).toBeLessThanOrEqual(
        Date.parse(String(first.headers.date)) + 1_000,
      )
    })

    it('HEAD is answered from a stored GET, without its body', async () => {
      const handler = counting({ 'Cache-Control': 'max-age=60', 'X-Kept': 'yes' })
      const { port } = await bench.serve(handler)
      await waitUntil(
        async () => (await send(port, '/page')).cache.includes('memory'),
        'the response is stored',
      )

      const head = await send(port, '/page', { method: 'HEAD' })

      expect(head.cache).toMatch(SERVED)
      expect(head.headers).toMatchObject({ 'content-length': '5', 'x-kept': 'yes' })
      expect(head.text).toBe('')
    })

    it('every option of the response is kept: status, reason, fields in several lines', async () => {
      const { port } = await bench.serve((_req, res) => {
        res.setHeader('Cache-Control', 'max-age=60')
        res.setHeader('Link', ['</a>; rel=next', '</b>; rel=prev'])
        res.writeHead(203, 'Somewhat', { 'X-One': '1' })
        res.end('body')
      })
      await send(port, '/page')

      const second = await send(port, '/page')

      expect([second.status, second.statusMessage]).toEqual([203, 'Somewhat'])
      expect(second.headers).toMatchObject({ link: '</a>; rel=next, </b>; rel=prev', 'x-one': '1' })
      expect(second.text).toBe('body')
    })

    it('a 204 is kept without a length', async () => {
      const { port } = await bench.serve(
        (_req, res) => {
          res.statusCode = 204
          res.end()
        },
        { ttl: '30s' },
      )
      await send(port, '/page')

      const second = await send(port, '/page')

      expect(second.status).toBe(204)
      expect(second.cache).toMatch(SERVED)
      expect(second.headers['content-length']).toBeUndefined()
    })

    it('an error is kept if it gives itself a lifetime, or if statuses names it', async () => {
      const handler: Handler = (req, res) => {
        res.statusCode = 404
        if (req.url === '/explicit') res.setHeader('Cache-Control', 'max-age=60')
        res.end('nothing')
      }
      const lax = await bench.serve(handler, { ttl: '30s' })
      const named = await bench.serve(handler, { ttl: '30s', statuses: [200, 404] })

      expect((await send(lax.port, '/explicit')).cache).toMatch(/stored/)
      expect((await send(lax.port, '/bare')).cache).toMatch(/detail=unsaid/)
      expect((await send(named.port, '/bare')).cache).toMatch(/stored/)
    })
  })

  describe('what is not kept', () => {
    const refused: [string, Record<string, string>, number?][] = [
      ['no-store', { 'Cache-Control': 'no-store' }],
      ['no-store, max-age=60', { 'Cache-Control': 'no-store, max-age=60' }],
      ['private', { 'Cache-Control': 'private, max-age=60' }],
      ['no-cache', { 'Cache-Control': 'no-cache, max-age=60' }],
      ['max-age=0', { 'Cache-Control': 'max-age=0' }],
      ['a lifetime that is no number', { 'Cache-Control': 'max-age=soon' }],
      ['contradictory lifetimes, one of them 0', { 'Cache-Control': 'max-age=60, max-age=0' }],
      ['a no-store behind a stray quote', { 'Cache-Control': 'x="a, no-store, max-age=60' }],
      ['Expires: 0', { Expires: '0' }],
      ['an Age above the lifetime', { 'Cache-Control': 'max-age=60', Age: '61' }],
      ['Pragma: no-cache', { Pragma: 'no-cache' }],
      ['Set-Cookie', { 'Set-Cookie': 'id=1' }],
      ['Set-Cookie beside public', { 'Set-Cookie': 'id=1', 'Cache-Control': 'public, max-age=60' }],
      ['Vary: *', { Vary: '*', 'Cache-Control': 'max-age=60' }],
      ['must-understand with a status nobody knows', MUST_UNDERSTAND, 299],
      ['a 500', {}, 500],
      ['a 404', {}, 404],
      ['a 302', {}, 302],
      ['a 206', { 'Cache-Control': 'max-age=60', 'Content-Range': 'bytes 0-4/9' }, 206],
      ['an event stream', { 'Content-Type': 'text/event-stream', 'Cache-Control': 'max-age=60' }],
    ]

    it.each(refused)('%s', async (_name, fields, status = 200) => {
      let runs = 0
      const handler: Handler = (_req, res) => {
        runs += 1
        for (const [name, value] of Object.entries(fields)) res.setHeader(name, value)
        res.statusCode = status
        res.end(`run ${runs}`)
      }
      const { port } = await bench.serve(handler, { ttl: '30s' })

      const first = await send(port, '/page')
      const second = await send(port, '/page')

      expect(first.cache).not.toMatch(/stored/)
      expect(second.text).toBe('run 2')
    })

    it("trap 19: a handler's 304 is not kept as a 200", async () => {
      const handler = (_req: unknown, res: ServerResponse): void => {
        res.writeHead(304, { ETag: '"a"', 'Cache-Control': 'max-age=60' })
        res.end()
      }
      const { port } = await bench.serve(handler, { ttl: '30s' })

      const first = await send(port, '/page')
      const second = await send(port, '/page')

      expect([first.cache, second.cache]).not.toContainEqual(expect.stringMatching(/stored|; hit;/))
    })

    it('trap 19: a HEAD is not kept as a GET', async () => {
      const handler = counting({ 'Cache-Control': 'max-age=60' })
      const { port } = await bench.serve(handler)

      await send(port, '/page', { method: 'HEAD' })
      const get = await send(port, '/page')

      expect(get.text).toBe('run 2')
    })

    it('trap 18: a GET with a body neither answers others nor is answered from the cache', async () => {
      const handler = counting({ 'Cache-Control': 'max-age=60' })
      const { port } = await bench.serve(handler)

      const fat = await send(port, '/page', { headers: { 'Content-Length': '3' }, body: 'abc' })
      const slim = await send(port, '/page')
      const fatAgain = await send(port, '/page', {
        headers: { 'Transfer-Encoding': 'chunked' },
        body: 'abc',
      })

      expect(fat.cache).toBe('hotpath; fwd=bypass; detail=body')
      expect(slim.text).toBe('run 2')
      expect(fatAgain.text).toBe('run 3')
    })

    it.each([
      ['a part', { Range: 'bytes=0-1' }, 'range'],
      ['a condition for the handler', { 'If-Match': '"a"' }, 'precondition'],
      ['events', { Accept: 'text/event-stream' }, 'event-stream'],
      ['another method', { 'X-HTTP-Method-Override': 'DELETE' }, 'override'],
      ['another URL', { 'X-Original-URL': '/admin' }, 'override'],
    ])('a request for %s is passed on', async (_name, headers, detail) => {
      const handler = counting({ 'Cache-Control': 'max-age=60' })
      const { port } = await bench.serve(handler)

      const first = await send(port, '/page', { headers })
      const second = await send(port, '/page', { headers })

      expect(first.cache).toBe(`hotpath; fwd=bypass; detail=${detail}`)
      expect(second.text).toBe('run 2')
    })

    it('fields about the connection, and those that the response names as not to be kept', async () => {
      const { port } = await bench.serve((_req, res) => {
        res.writeHead(200, {
          'Cache-Control': 'max-age=60, private="X-Mine", no-cache="X-Now"',
          Connection: 'X-Hop',
          'X-Hop': '1',
          'X-Mine': '1',
          'X-Now': '1',
          'X-Kept': '1',
        })
        res.end('body')
      })

      const first = await send(port, '/page')
      const { headers, cache } = await send(port, '/page')

      expect(first.headers).toMatchObject({ 'x-hop': '1', 'x-mine': '1', 'x-now': '1' })
      expect(cache).toMatch(SERVED)
      expect(headers['x-kept']).toBe('1')
      expect([headers['x-hop'], headers['x-mine'], headers['x-now']]).toEqual(
        Array(3).fill(undefined),
      )
    })
  })

  describe('what the options say', () => {
    const none: SuiteOptions = { ttl: '30s' }

    it("setCookie: 'strip' keeps a response without its cookie", async () => {
      const handler = counting({ 'Set-Cookie': 'id=1' })
      const { port } = await bench.serve(handler, { ...none, setCookie: 'strip' })

      const first = await send(port, '/page')
      const second = await send(port, '/page')

      expect(first.headers['set-cookie']).toEqual(['id=1'])
      expect(second.text).toBe('run 1')
      expect(second.headers['set-cookie']).toBeUndefined()
    })

    it('when and skip keep the cache out', async () => {
      const handler = counting()
      const { port } = await bench.serve(handler, {
        ...none,
        when: ({ url }) => url !== '/not-when',
        skip: ({ url }) => url === '/skipped',
      })

      for (const path of ['/kept', '/not-when', '/skipped']) await send(port, path)
      const replies = await Promise.all(
        ['/kept', '/not-when', '/skipped'].map((path) => send(port, path)),
      )

      expect(replies[0]?.cache).toMatch(SERVED)
      expect(replies[1]?.cache).toBe('hotpath; fwd=bypass; detail=when')
      expect(replies[2]?.cache).toBe('hotpath; fwd=bypass; detail=skip')
    })

    it('shouldStore is asked of the response', async () => {
      const handler = counting({ 'X-Draft': 'yes' })
      const { port } = await bench.serve(handler, {
        ...none,
        shouldStore: (_request, response) =>
          response.statusCode !== 200 || response.getHeader('X-Draft') !== 'yes',
      })

      const first = await send(port, '/page')
      const second = await send(port, '/page')

      expect(first.cache).toBe('hotpath; fwd=uri-miss; detail=should-store')
      expect(second.text).toBe('run 2')
    })

    it('cacheStatus names the cache, or says nothing', async () => {
      const named = await bench.serve(counting(), { ...none, cacheStatus: 'edge' })
      const silent = await bench.serve(counting(), { ...none, cacheStatus: false })
      await send(named.port, '/page')
      await send(silent.port, '/page')

      expect((await send(named.port, '/page')).cache).toMatch(
        /^edge; (hit|fwd=uri-miss; collapsed);/,
      )
      const { headers, text } = await send(silent.port, '/page')
      expect(text).toBe('run 1')
      expect(headers['cache-status']).toBeUndefined()
      expect(headers.age).toBe('0')
    })

    it('a Cache-Status of the handler comes first', async () => {
      const handler = counting({ 'Cache-Status': 'origin; hit', 'Cache-Control': 'max-age=60' })
      const { port } = await bench.serve(handler)

      const first = await send(port, '/page')
      const second = await send(port, '/page')

      expect(first.cache).toBe('origin; hit, hotpath; fwd=uri-miss; stored; ttl=60')
      expect(second.cache).toMatch(/^origin; hit, hotpath; (hit|fwd=uri-miss; collapsed);/)
    })

    it.each<[string, string, string]>([
      ['no-cache', 'Cache-Control', 'no-cache'],
      ['max-age=0', 'Cache-Control', 'max-age=0'],
      ['Pragma: no-cache', 'Pragma', 'no-cache'],
    ])('clients may not ask past the cache, unless they may: %s', async (_name, field, value) => {
      const clock = new FakeClock()
      const deaf = await bench.serve(counting(), { ...none, clock })
      const kind = await bench.serve(counting(), { ...none, clock, honorRequestCacheControl: true })
      for (const { port } of [deaf, kind]) await send(port, '/page')
      clock.advance(1)
      const headers = { [field]: value }

      expect((await send(deaf.port, '/page', { headers })).text).toBe('run 1')
      const reloaded = await send(kind.port, '/page', { headers })
      expect(reloaded.text).toBe('run 2')
      expect(reloaded.cache).toBe('hotpath; fwd=request; stored; ttl=30')
      await waitUntil(
        async () => (await send(kind.port, '/page')).text === 'run 2',
        'the new response has taken the place of the old',
      )
    })

    it('only-if-cached gets 504 where there is nothing', async () => {
      const { port } = await bench.serve(counting(), { ...none, honorRequestCacheControl: true })
      const headers = { 'Cache-Control': 'only-if-cached' }

      const before = await send(port, '/page', { headers })
      await send(port, '/page')

      expect(before.status).toBe(504)
      // The client has the response before Redis has.
      await waitUntil(
        async () => (await send(port, '/page', { headers })).text === 'run 1',
        'the stored response is there',
      )
    })
  })
}

const MUST_UNDERSTAND = { 'Cache-Control': 'max-age=60, must-understand' }
