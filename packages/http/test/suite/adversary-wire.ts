import { once } from 'node:events'
import { request } from 'node:http'
import { connect } from 'node:net'
import { pipeline, Readable } from 'node:stream'
import { deferred, waitUntil } from '@hotpath/testing'
import { describe, expect, it } from 'vitest'
import { type Bench, type Handler, SERVED, send } from '../harness.ts'
import { converse, rawRequest } from '../raw.ts'

const HOST = { Host: 'site.example' }

/** Says what it was asked. */
const echo: Handler = (req, res) => {
  let body = ''
  req.on('error', () => {})
  req.on('data', (chunk) => {
    body += String(chunk)
  })
  req.on('end', () => {
    res.setHeader('Cache-Control', 'max-age=60')
    res.end(`<${req.method} ${req.url} ${body}>`)
  })
}

const SMUGGLED = 'GET /evil HTTP/1.1\r\nHost: site.example\r\n\r\n'

/** Bytes on the wire that no client library would send, and clients that stop half-way. */
export function adversaryWire(bench: Bench): void {
  describe('on the wire', () => {
    it.each<[string, string]>([
      [
        'two lengths',
        rawRequest(
          'GET /page',
          ['Content-Length: 0', `Content-Length: ${SMUGGLED.length}`],
          SMUGGLED,
        ),
      ],
      [
        'a length and chunks',
        rawRequest(
          'GET /page',
          [`Content-Length: ${SMUGGLED.length + 5}`, 'Transfer-Encoding: chunked'],
          `0\r\n\r\n${SMUGGLED}`,
        ),
      ],
      [
        'chunks with a blank before the colon',
        rawRequest('GET /page', ['Transfer-Encoding : chunked'], `0\r\n\r\n${SMUGGLED}`),
      ],
      [
        'chunks of an unknown kind',
        rawRequest('GET /page', ['Transfer-Encoding: xchunked'], `0\r\n\r\n${SMUGGLED}`),
      ],
      [
        'a request as a body',
        rawRequest('GET /page', [`Content-Length: ${SMUGGLED.length}`], SMUGGLED),
      ],
      ['a bare line feed', rawRequest('GET /page', ['X-A: 1\nX-Forwarded-Host: evil'])],
      ['a folded line', rawRequest('GET /page', ['X-A: 1\r\n X-Forwarded-Host: evil'])],
      ['a null byte', rawRequest('GET /page', ['X-A: evil\0'])],
      ['a second host', rawRequest('GET /page', ['Host: evil.example'])],
      ['another version', 'GET /page HTTP/0.9\r\nHost: site.example\r\n\r\n'],
      ['a fragment', rawRequest('GET /page#evil')],
      ['a whole URL', rawRequest('GET http://evil.example/page')],
      ['a method that is none', rawRequest('GET/page /page')],
    ])('%s leaves nothing behind', async (_name, text) => {
      const { port } = await bench.serve(echo)

      await converse(port, text, SMUGGLED, rawRequest('GET /last'))
      const victim = await send(port, '/page', { headers: HOST })
      const again = await send(port, '/page', { headers: HOST })

      expect([victim.text, again.text]).toEqual(['<GET /page >', '<GET /page >'])
      expect(again.cache).toMatch(SERVED)
    })

    it('requests sent at once on one connection get each their own, hits and misses mixed', async () => {
      const { port } = await bench.serve(echo)
      for (const path of ['/b', '/d']) await send(port, path, { headers: HOST })
      const keep = ['Connection: keep-alive']
      const paths = ['/a', '/b', '/a', '/c', '/d', '/b']

      const texts = paths.map((path) => rawRequest(`GET ${path}`, keep)).join('')
      const heard = await converse(port, texts + rawRequest('GET /last'))

      const bodies = [...heard.matchAll(/<GET (\S+) >/g)].map(([, path]) => path)
      expect(bodies).toEqual([...paths, '/last'])
    })

    it('trap 19: a POST that announces more than it sends purges nothing', async () => {
      const { port } = await bench.serve(echo)
      await send(port, '/page', { headers: HOST })

      const socket = connect(port, '127.0.0.1')
      const text = rawRequest('POST /page', ['Content-Length: 100'], 'only this')
      await new Promise((resolve) => socket.write(text, resolve))
      socket.destroy()

      expect((await send(port, '/page', { headers: HOST })).cache).toMatch(SERVED)
    })

    it.each([-3, 3])(
      'trap 19: a length that the handler has wrong by %i is not what is kept',
      async (error) => {
        let runs = 0
        const { port } = await bench.serve((_req, res) => {
          runs += 1
          res.setHeader('Cache-Control', 'max-age=60')
          if (runs === 1) res.setHeader('Content-Length', 'the page'.length + error)
          res.end('the page')
          // The client would wait for what never comes.
          if (runs === 1) res.socket?.end()
        })

        await send(port, '/page').catch(() => {})
        const second = await send(port, '/page')

        expect(second.text).toBe('the page')
        expect((await send(port, '/page')).text).toBe('the page')
      },
    )

    it('trap 19: a crowd that goes away in the middle leaves no half of a page', async () => {
      const half = deferred()
      let runs = 0
      const { port } = await bench.serve(async (_req, res) => {
        runs += 1
        res.setHeader('Cache-Control', 'max-age=60')
        res.write('one half, ')
        await half.promise
        res.end('the other')
      })

      await Promise.all(Array.from({ length: 40 }, () => askAndLeave(port, '/page')))
      const honest = send(port, '/page')
      half.resolve()

      expect((await honest).text).toBe('one half, the other')
      expect((await send(port, '/page')).text).toBe('one half, the other')
      expect(runs).toBeGreaterThan(0)
    })

    it('a client that reads nothing does not hold up others behind a handler that waits for it', async () => {
      const piece = Buffer.alloc(64 * 1_024, 'x')
      const pieces = 256
      const { port } = await bench.serve(
        (_req, res) => {
          res.setHeader('Cache-Control', 'max-age=60')
          const source = Readable.from(Array.from({ length: pieces }, () => piece))
          pipeline(source, res, () => {})
        },
        { maxBodyBytes: 32 * 1_024 * 1_024 },
      )
      await send(port, '/other', { headers: HOST })
      const slow = connect(port, '127.0.0.1')
      slow.write('GET /page HTTP/1.1\r\nHost: site.example\r\n\r\n')
      await once(slow, 'readable')

      const replies = await Promise.all([1, 2].map(() => send(port, '/page', { headers: HOST })))
      slow.destroy()

      expect(replies.map(({ body }) => body.length)).toEqual([
        pieces * piece.length,
        pieces * piece.length,
      ])
    })

    it('trap 19: who is sent what is too large to be kept gets all of it, or sees that it breaks off', async () => {
      const piece = Buffer.alloc(64 * 1_024, 'x')
      const pieces = 256
      const { port } = await bench.serve(
        (_req, res) => {
          res.setHeader('Cache-Control', 'max-age=60')
          const source = Readable.from(Array.from({ length: pieces }, () => piece))
          pipeline(source, res, () => {})
        },
        { maxBodyBytes: 8 * 1_024 * 1_024 },
      )
      await send(port, '/other', { headers: HOST })
      const slow = connect(port, '127.0.0.1')
      slow.write('GET /page HTTP/1.1\r\nHost: site.example\r\n\r\n')
      await once(slow, 'readable')

      const replies = await Promise.allSettled(
        [1, 2, 3].map(() => send(port, '/page', { headers: HOST })),
      )
      slow.destroy()

      const lengths = replies.flatMap((reply) =>
        reply.status === 'fulfilled' ? [reply.value.body.length] : [],
      )
      expect(lengths.length).toBeGreaterThan(0)
      expect(new Set(lengths)).toEqual(new Set([pieces * piece.length]))
    })

    it('a client that reads nothing does not keep the page from others', async () => {
      const page = Buffer.alloc(5_000_000, 'x')
      const { port } = await bench.serve(
        (_req, res) => {
          res.setHeader('Cache-Control', 'max-age=60')
          res.end(page)
        },
        { maxBodyBytes: 10_000_000 },
      )
      const slow = connect(port, '127.0.0.1').pause()
      slow.write('GET /page HTTP/1.1\r\nHost: site.example\r\n\r\n')
      const isKept = async (): Promise<boolean> => {
        const { cache } = await send(port, '/page', { method: 'HEAD', headers: HOST })
        return SERVED.test(cache)
      }
      await waitUntil(isKept, 'it is kept')

      const replies = await Promise.all([1, 2, 3].map(() => send(port, '/page', { headers: HOST })))
      slow.destroy()

      expect(replies.map(({ body }) => body.equals(page))).toEqual([true, true, true])
    })
  })
}

/** Goes away once the response has begun. */
function askAndLeave(port: number, path: string): Promise<void> {
  return new Promise((resolve) => {
    const outgoing = request({ port, path, agent: false }, (incoming) => {
      incoming.on('error', () => {})
      incoming.once('data', () => outgoing.destroy())
      incoming.once('close', resolve)
    })
    outgoing.on('error', () => resolve())
    outgoing.end()
  })
}
