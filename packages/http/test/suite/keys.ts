import { describe, expect, it } from 'vitest'
import { type Bench, counting, type Handler, SERVED, send } from '../harness.ts'

/** What tells two requests apart. */
export function keySuite(bench: Bench): void {
  describe('keys', () => {
    it.each([
      'Host',
      'X-Forwarded-Host',
      'X-Forwarded-Proto',
      'X-Forwarded-Port',
      'X-Forwarded-Prefix',
    ])('trap 18: %s cannot poison what others get', async (field) => {
      const echo: Handler = (req, res) => {
        res.end(`<a href="//${req.headers[field.toLowerCase()]}/">`)
      }
      const { port } = await bench.serve(echo, { ttl: '30s' })
      const evil = { [field]: 'evil.example' }

      const poisoned = await send(port, '/page', { headers: evil })
      const victim = await send(port, '/page')
      const again = await send(port, '/page', { headers: evil })

      expect(poisoned.text).toContain('evil.example')
      expect(victim.text).not.toContain('evil.example')
      expect(again.cache).toMatch(SERVED)
    })

    it('trap 18: a host and a path cannot be cut elsewhere to make the same key', async () => {
      const handler = counting({ 'Cache-Control': 'max-age=60' })
      const { port } = await bench.serve(handler)

      await send(port, '/b', { headers: { Host: 'host/a' } })
      const other = await send(port, '/a/b', { headers: { Host: 'host' } })

      expect(other.text).toBe('run 2')
    })

    it('trap 18: a page about a user is not kept because its URL looks like a style sheet', async () => {
      const account: Handler = (req, res) => {
        res.end(`account of ${req.headers.cookie ?? 'nobody'}`)
      }
      const { port } = await bench.serve(account, { ttl: '30s' })

      await send(port, '/account/x.css', { headers: { Cookie: 'session=ann' } })
      const attacker = await send(port, '/account/x.css')

      expect(attacker.text).toBe('account of nobody')
    })

    it('paths are not normalised', async () => {
      const handler = counting({ 'Cache-Control': 'max-age=60' })
      const { port } = await bench.serve(handler)

      const texts = []
      for (const path of ['/a', '/a/', '/A', '/%61', '/a?', '/a?b=1']) {
        texts.push((await send(port, path)).text)
      }

      expect(new Set(texts).size).toBe(6)
    })

    it('key takes the place of the URL', async () => {
      const { port } = await bench.serve(counting(), {
        ttl: '30s',
        key: ({ url }) => String(url?.slice(0, 2)),
      })

      const texts = []
      for (const path of ['/a1', '/a2', '/b1']) texts.push((await send(port, path)).text)

      expect(texts).toEqual(['run 1', 'run 1', 'run 2'])
    })
  })

  describe('query parameters', () => {
    const echo: Handler = (req, res) => {
      res.end(String(req.url))
    }

    it('those ignored are not in the key, and do not reach the handler', async () => {
      const { port } = await bench.serve(echo, {
        ttl: '30s',
        query: { ignore: ['fbclid', /^utm_/] },
      })

      const first = await send(port, '/page?utm_source=evil&a=1&fbclid=2')
      const second = await send(port, '/page?a=1')

      expect(first.text).toBe('/page?a=1')
      expect(second.cache).toMatch(SERVED)
    })

    it('only those allowed are in the key, and reach the handler', async () => {
      const { port } = await bench.serve(echo, { ttl: '30s', query: { allow: ['page'] } })

      const first = await send(port, '/list?page=2&x=1')
      const second = await send(port, '/list?x=2&page=2')
      const none = await send(port, '/list?x=2')

      expect(first.text).toBe('/list?page=2')
      expect(second.cache).toMatch(SERVED)
      expect(none.text).toBe('/list')
    })

    it('sort makes one of two orders', async () => {
      const { port } = await bench.serve(echo, { ttl: '30s', query: { sort: true } })

      const first = await send(port, '/list?b=1&a=2&b=0')
      const second = await send(port, '/list?a=2&b=1&b=0')
      const other = await send(port, '/list?a=2&b=0&b=1')

      expect(first.text).toBe('/list?a=2&b=1&b=0')
      expect(second.cache).toMatch(SERVED)
      expect(other.cache).not.toMatch(SERVED)
    })

    it('trap 18: a parameter cannot be cloaked in one that is ignored', async () => {
      const { port } = await bench.serve(echo, { ttl: '30s', query: { ignore: ['utm_source'] } })

      const evil = await send(port, '/page?id=1&utm_source=x;id=evil')
      const encoded = await send(port, '/page?id=1&utm%5Fsource=evil')
      const victim = await send(port, '/page?id=1')

      expect(evil.text).toBe('/page?id=1')
      expect(encoded.text).toBe('/page?id=1&utm%5Fsource=evil')
      expect(victim.text).toBe('/page?id=1')
    })
  })
}
