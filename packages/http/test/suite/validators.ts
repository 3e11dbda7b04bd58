import { describe, expect, it } from 'vitest'
import { type Bench, counting, SERVED, send } from '../harness.ts'

const MODIFIED = 'Wed, 01 Jan 2020 00:00:00 GMT'
const BEFORE = 'Tue, 31 Dec 2019 00:00:00 GMT'

/** Conditional requests from clients (RFC 9111 section 4.3.2). */
export function validatorSuite(bench: Bench): void {
  describe('conditional requests', () => {
    const fields = {
      'Cache-Control': 'max-age=60',
      'Content-Type': 'text/plain',
      'X-Kept': 'yes',
    }
    const tagged = { ...fields, ETag: '"v1"' }
    const dated = { ...fields, 'Last-Modified': MODIFIED }

    it.each([
      ['the same tag', tagged, { 'If-None-Match': '"v1"' }],
      ['the same tag, weakly', tagged, { 'If-None-Match': 'W/"v1"' }],
      ['one of several', tagged, { 'If-None-Match': '"a,b", W/"v0","v1"' }],
      ['any', tagged, { 'If-None-Match': '*' }],
      ['no change since', dated, { 'If-Modified-Since': MODIFIED }],
      [
        'no change since, in an obsolete form',
        dated,
        { 'If-Modified-Since': 'Wednesday, 01-Jan-20 00:00:01 GMT' },
      ],
    ])('are answered 304 from the cache: %s', async (_name, sent, headers) => {
      const { port } = await bench.serve(counting(sent))
      await send(port, '/page')

      const reply = await send(port, '/page', { headers })

      expect(reply.status).toBe(304)
      expect(reply.cache).toMatch(SERVED)
      expect(reply.text).toBe('')
      expect(reply.headers).toMatchObject({
        'cache-control': 'max-age=60',
        'x-kept': 'yes',
        age: '0',
      })
      expect(reply.headers['content-type']).toBeUndefined()
      expect(reply.headers['content-length']).toBeUndefined()
    })

    it.each([
      ['another tag', tagged, { 'If-None-Match': '"v2"' }],
      ['no tag at all', dated, { 'If-None-Match': '"v1"' }],
      [
        'another tag goes before a date',
        { ...tagged, ...dated },
        { 'If-None-Match': '"v2"', 'If-Modified-Since': MODIFIED },
      ],
      ['changed since', dated, { 'If-Modified-Since': BEFORE }],
      ['a date that is none', dated, { 'If-Modified-Since': 'yesterday' }],
    ])('are answered in full: %s', async (_name, sent, headers) => {
      const { port } = await bench.serve(counting(sent))
      await send(port, '/page')

      const reply = await send(port, '/page', { headers })

      expect(reply.status).toBe(200)
      expect(reply.text).toBe('run 1')
    })

    it('that miss get their 304, and the cache the whole response', async () => {
      const seen: unknown[] = []
      const { port } = await bench.serve((req, res) => {
        seen.push(req.headers['if-none-match'])
        res.writeHead(200, { ...tagged, 'Content-Length': '4' })
        res.write('bo')
        res.end('dy')
      })

      const first = await send(port, '/page', { headers: { 'If-None-Match': '"v1"' } })
      const second = await send(port, '/page')

      expect(seen).toEqual([undefined])
      expect(first.status).toBe(304)
      expect(first.cache).toBe('hotpath; fwd=uri-miss; stored; ttl=60')
      expect(first.headers['content-length']).toBeUndefined()
      expect(second.cache).toMatch(SERVED)
      expect(second.text).toBe('body')
    })

    it('that miss get their 304 from what is not kept as well', async () => {
      const handler = counting({ ETag: '"v1"', 'Cache-Control': 'no-store' })
      const { port } = await bench.serve(handler)

      const reply = await send(port, '/page', { headers: { 'If-None-Match': '"v1"' } })

      expect(reply.status).toBe(304)
      expect(reply.text).toBe('')
    })
  })
}
