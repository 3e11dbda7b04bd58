import { FakeClock } from '@hotpath/testing'
import { describe, expect, it } from 'vitest'
import { type Bench, type Handler, SERVED, send } from '../harness.ts'

/** Variants of one URL. */
export function varySuite(bench: Bench): void {
  describe('Vary', () => {
    function varying(vary: string): Handler & { runs: number } {
      const handler: Handler & { runs: number } = (req, res) => {
        handler.runs += 1
        res.setHeader('Vary', vary)
        res.setHeader('Cache-Control', 'max-age=60')
        const values = vary.split(',').map((name) => req.headers[name.trim().toLowerCase()] ?? '-')
        res.end(values.join('|'))
      }
      handler.runs = 0
      return handler
    }

    it('each variant is kept and served to those who ask for it', async () => {
      const handler = varying('Accept-Language')
      const { port } = await bench.serve(handler)
      const ask = (language: string) =>
        send(port, '/page', { headers: { 'Accept-Language': language } })

      const first = [await ask('de'), await ask('fr'), await ask('en')]
      const second = [await ask('en'), await ask('de'), await ask('fr')]
      const none = await send(port, '/page')

      expect(first.map(({ text }) => text)).toEqual(['de', 'fr', 'en'])
      expect(first[1]?.cache).toMatch(/fwd=vary-miss; stored/)
      expect(second.map(({ text }) => text)).toEqual(['en', 'de', 'fr'])
      expect(second.every(({ cache }) => SERVED.test(cache))).toBe(true)
      expect(none.text).toBe('-')
    })

    it('trap 20: a variant is not served to a client that does not take its encoding', async () => {
      const { port } = await bench.serve(
        (req, res) => {
          const isBrotli = String(req.headers['accept-encoding']).includes('br')
          res.setHeader('Vary', 'Accept-Encoding')
          if (isBrotli) res.setHeader('Content-Encoding', 'br')
          res.end(isBrotli ? '<brotli>' : 'plain')
        },
        { ttl: '30s' },
      )

      const brotli = await send(port, '/page', { headers: { 'Accept-Encoding': 'gzip, br' } })
      const plain = await send(port, '/page')
      const respelled = await send(port, '/page', {
        headers: { 'Accept-Encoding': 'BR;q=1 ,gzip' },
      })

      expect(brotli.headers['content-encoding']).toBe('br')
      expect(plain.text).toBe('plain')
      expect(plain.headers['content-length']).toBe('5')
      expect(respelled.cache).toMatch(SERVED)
      expect(respelled.text).toBe('<brotli>')
    })

    it('trap 20: an encoding that its response keeps quiet about is told apart too', async () => {
      const { port } = await bench.serve(
        (req, res) => {
          const isBrotli = String(req.headers['accept-encoding']).includes('br')
          if (isBrotli) res.setHeader('Content-Encoding', 'br')
          res.end(isBrotli ? '<brotli>' : 'plain')
        },
        { ttl: '30s' },
      )
      const headers = { 'Accept-Encoding': 'br' }

      await send(port, '/page', { headers })
      const plain = await send(port, '/page')
      const brotli = await send(port, '/page', { headers })

      expect(plain.text).toBe('plain')
      expect([brotli.text, SERVED.test(brotli.cache)]).toEqual(['<brotli>', true])
    })

    it.each<[string, Record<string, string>, string[]]>([
      ['one strong tag', { gzip: '"v1"', br: '"v1"', plain: '"v1"' }, ['"v1"', 'W/"v1"', 'W/"v1"']],
      ['strong tags of their own', { gzip: '"g"', br: '"b"', plain: '"p"' }, ['"g"', '"b"', '"p"']],
      [
        'a weak tag',
        { gzip: 'W/"v1"', br: 'W/"v1"', plain: 'W/"v1"' },
        ['W/"v1"', 'W/"v1"', 'W/"v1"'],
      ],
    ])('trap 20: encodings of one page that are given %s', async (_name, tags, kept) => {
      const { port } = await bench.serve((req, res) => {
        const coding = String(req.headers['accept-encoding'] ?? 'plain')
        res.setHeader('Vary', 'Accept-Encoding')
        res.setHeader('Cache-Control', 'max-age=60')
        res.setHeader('ETag', String(tags[coding]))
        if (coding !== 'plain') res.setHeader('Content-Encoding', coding)
        res.end(coding)
      })
      const codings = ['gzip', 'br', undefined]
      const ask = async (): Promise<unknown[]> => {
        const seen = []
        for (const coding of codings) {
          const headers = coding === undefined ? {} : { 'Accept-Encoding': coding }
          seen.push((await send(port, '/page', { headers })).headers.etag)
        }
        return seen
      }

      const first = await ask()
      const hits = await ask()

      expect([first, hits]).toEqual([kept, kept])
    })

    it('trap 18: an origin that its response lets in is told apart from others', async () => {
      const { port } = await bench.serve(
        (req, res) => {
          res.setHeader('Access-Control-Allow-Origin', req.headers.origin ?? '*')
          res.end('body')
        },
        { ttl: '30s' },
      )
      const ask = (origin: string) => send(port, '/page', { headers: { Origin: origin } })

      await ask('https://evil.example')
      const good = await ask('https://good.example')

      expect(good.headers['access-control-allow-origin']).toBe('https://good.example')
    })

    it('variants may themselves vary by more', async () => {
      const { port } = await bench.serve((req, res) => {
        const language = req.headers['accept-language']
        res.setHeader('Cache-Control', 'max-age=60')
        res.setHeader('Vary', language === 'de' ? 'Accept-Language, X-Region' : 'Accept-Language')
        res.end(`${language} ${req.headers['x-region'] ?? '-'}`)
      })
      const ask = (language: string, region?: string) =>
        send(port, '/page', {
          headers: { 'Accept-Language': language, ...(region && { 'X-Region': region }) },
        })
      const asked: [string, string?][] = [
        ['en'],
        ['de', 'at'],
        ['de', 'ch'],
        ['de', 'at'],
        ['en', 'at'],
      ]

      const texts = []
      for (const [language, region] of asked) texts.push((await ask(language, region)).text)

      expect(texts).toEqual(['en -', 'de at', 'de ch', 'de at', 'en -'])
    })

    // Redis has a clock of its own.
    if (bench.store === 'memory') {
      it.each([true, false])(
        'a variant outlives the one that was first, collapse: %s',
        async (collapse) => {
          const clock = new FakeClock()
          let runs = 0
          const options = { collapse, clock, ...bench.newStore() }
          const { port } = await bench.serve((req, res) => {
            runs += 1
            const language = req.headers['accept-language']
            res.setHeader('Vary', 'Accept-Language')
            res.setHeader('Cache-Control', `max-age=${language === 'de' ? 10 : 60}`)
            res.end(`${language} ${runs}`)
          }, options)
          const ask = (language: string) =>
            send(port, '/page', { headers: { 'Accept-Language': language } })
          for (const language of ['de', 'fr', 'en', 'de', 'fr', 'en']) await ask(language)
          clock.advance(20_000)

          const replies = [await ask('fr'), await ask('en'), await ask('fr')]
          const again = await ask('de')

          expect(replies.map(({ text }) => text)).toEqual(['fr 2', 'en 3', 'fr 2'])
          expect(replies.every(({ cache }) => cache.includes('; hit;'))).toBe(true)
          expect(replies.map(({ headers }) => headers.age)).toEqual(['20', '20', '20'])
          expect(again.text).toBe('de 4')
          expect((await ask('fr')).text).toBe('fr 2')
        },
      )
    }

    it('concurrent requests for several variants each get their own', async () => {
      const handler = varying('Accept-Language')
      const { port } = await bench.serve(handler)
      const languages = Array.from({ length: 40 }, (_, index) => ['de', 'fr'][index % 2] as string)

      const replies = await Promise.all(
        languages.map((language) =>
          send(port, '/page', { headers: { 'Accept-Language': language } }),
        ),
      )

      expect(replies.map(({ text }) => text)).toEqual(languages)
      expect(handler.runs).toBe(2)
    })

    it('trap 23: a field that hardly two requests share does not fill the cache', async () => {
      const handler = varying('User-Agent')
      const { port } = await bench.serve(handler)

      const caches = []
      for (let index = 0; index < 70; index += 1) {
        const headers = { 'User-Agent': `agent ${index}` }
        caches.push((await send(port, '/page', { headers })).cache)
      }

      expect(caches.filter((cache) => cache.includes('stored'))).toHaveLength(64)
      expect(caches.at(-1)).toBe('hotpath; fwd=vary-miss; detail=variants')
    })
  })
}
