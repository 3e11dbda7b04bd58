import { once } from 'node:events'
import { type IncomingMessage, request, type ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { deferred } from '@hotpath/testing'
import { describe, expect, it } from 'vitest'
import { type Bench, collect, type Handler, SERVED, send } from '../harness.ts'

const FRESH = { 'Cache-Control': 'max-age=60' }

/** Opens a request and gives its response once the head has come. */
async function open(port: number, path: string): Promise<IncomingMessage> {
  const outgoing = request({ port, path, agent: false })
  outgoing.on('error', () => {})
  outgoing.end()
  const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage]
  return incoming
}

/** Keeping a response while it streams. */
export function recordingSuite(bench: Bench): void {
  describe('recording', () => {
    const ways: [string, Handler][] = [
      ['end(text)', (_req, res) => res.writeHead(200, FRESH).end('grüße')],
      [
        'end(text, encoding)',
        (_req, res) => res.writeHead(200, FRESH).end('Z3LDvMOfZQ==', 'base64'),
      ],
      ['end(bytes)', (_req, res) => res.writeHead(200, FRESH).end(Buffer.from('grüße'))],
      [
        'end(a Uint8Array)',
        (_req, res) => res.writeHead(200, FRESH).end(new TextEncoder().encode('grüße')),
      ],
      [
        'write and end',
        (_req, res) => {
          res.writeHead(200, FRESH)
          res.write('gr')
          res.write(Buffer.from('üß'))
          res.end('e')
        },
      ],
      [
        'write(text, encoding, callback) and end(callback)',
        (_req, res) => {
          res.writeHead(200, FRESH)
          res.write('6772c3bcc39f65', 'hex', () => res.end(() => {}))
        },
      ],
      [
        'a stream',
        async (_req, res) => {
          res.writeHead(200, FRESH)
          await pipeline(Readable.from(['g', 'r', 'üß', 'e']), res)
        },
      ],
      [
        'an implicit head',
        (_req, res) => {
          res.setHeader('Cache-Control', 'max-age=60')
          res.write('grüß')
          res.end('e')
        },
      ],
      [
        'flushHeaders',
        (_req, res) => {
          res.setHeader('Cache-Control', 'max-age=60')
          res.flushHeaders()
          res.end('grüße')
        },
      ],
      [
        'a head in one array',
        (_req, res) => res.writeHead(200, ['Cache-Control', 'max-age=60']).end('grüße'),
      ],
      [
        'a head in an array of pairs',
        (_req, res) => {
          const pairs = [['Cache-Control', 'max-age=60']]
          res.writeHead(200, pairs as never).end('grüße')
        },
      ],
      ['a reason', (_req, res) => res.writeHead(200, 'Fine', FRESH).end('grüße')],
      [
        'a reason and an array',
        (_req, res) => res.writeHead(200, 'Fine', ['Cache-Control', 'max-age=60']).end('grüße'),
      ],
      [
        'a declared length',
        (_req, res) => res.writeHead(200, { ...FRESH, 'Content-Length': 7 }).end('grüße'),
      ],
      [
        'an encoding of the transfer',
        (_req, res) =>
          res.writeHead(200, { ...FRESH, 'Transfer-Encoding': 'chunked' }).end('grüße'),
      ],
      [
        'trailers',
        (_req, res) => {
          res.writeHead(200, { ...FRESH, Trailer: 'X-Sum' })
          res.write('grüße')
          res.addTrailers({ 'X-Sum': '1' })
          res.end()
        },
      ],
      [
        'a buffer that is used again',
        (_req, res) => {
          const buffer = Buffer.from('grüße')
          res.writeHead(200, FRESH)
          res.write(buffer, () => {
            buffer.fill('x')
            res.end()
          })
        },
      ],
    ]

    it.each(ways)('trap 19: a response is kept as it was written: %s', async (_name, handler) => {
      const { port } = await bench.serve(handler)

      const first = await send(port, '/page')
      const second = await send(port, '/page')

      expect(first.text).toBe('grüße')
      expect(second.cache).toMatch(SERVED)
      expect(second.text).toBe(first.text)
      expect(second.statusMessage).toBe(first.statusMessage)
      expect(second.headers['content-length']).toBe(String(first.body.length))
      expect(second.headers['transfer-encoding']).toBeUndefined()
      expect(second.headers.trailer).toBeUndefined()
    })

    it('an array may name a field more than once', async () => {
      const head = ['Link', '</a>', 'Cache-Control', 'max-age=60', 'link', '</b>']
      const { port } = await bench.serve((_req, res) => res.writeHead(200, head).end())

      await send(port, '/page')
      const second = await send(port, '/page')

      expect(second.headers.link).toBe('</a>, </b>')
    })

    it('trap 24: what comes after the end changes nothing', async () => {
      const { port } = await bench.serve((_req, res) => {
        res.on('error', () => {})
        res.writeHead(200, FRESH)
        res.end('once')
        res.end()
        res.end('twice')
      })

      await send(port, '/page')
      const second = await send(port, '/page')

      expect(second.cache).toMatch(SERVED)
      expect(second.text).toBe('once')
    })

    it('a second head is the error that it is without a cache', async () => {
      const errors: unknown[] = []
      const { port } = await bench.serve((_req, res) => {
        res.writeHead(200, FRESH)
        try {
          res.writeHead(500)
        } catch (error) {
          errors.push(error)
        }
        res.end('body')
      })

      const reply = await send(port, '/page')

      expect(reply.status).toBe(200)
      expect(errors).toMatchObject([{ code: 'ERR_HTTP_HEADERS_SENT' }])
    })

    it('trap 22: the client gets the first bytes while the handler is still writing', async () => {
      const more = deferred()
      const { port } = await bench.serve(async (_req, res) => {
        res.writeHead(200, FRESH)
        res.write('first')
        await more.promise
        res.end(' last')
      })

      const incoming = await open(port, '/page')
      const [chunk] = (await once(incoming, 'data')) as [Buffer]
      more.resolve()
      const rest = await collect(incoming)

      expect(chunk.toString()).toBe('first')
      expect(rest.text).toBe(' last')
    })

    it('trap 22: back-pressure and callbacks are those of the response', async () => {
      const flowing: boolean[] = []
      const calledBack = deferred()
      const chunk = Buffer.alloc(256 * 1024)
      const { port } = await bench.serve(
        async (_req, res) => {
          res.writeHead(200, FRESH)
          flowing.push(res.write(chunk, () => calledBack.resolve()))
          if (res.writableNeedDrain) await once(res, 'drain')
          flowing.push(res.write('small'))
          res.end()
        },
        { maxBodyBytes: 10_000_000 },
      )

      const incoming = await open(port, '/page')
      const { body } = await collect(incoming)
      await calledBack.promise

      expect(body.length).toBe(chunk.length + 5)
      expect(flowing[0]).toBe(false)
    })

    it('trap 22: an event stream is neither held back nor kept', async () => {
      const more = deferred()
      const { port } = await bench.serve(async (_req, res) => {
        res.writeHead(200, { 'Content-Type': 'text/event-stream', ...FRESH })
        res.write('data: 1\n\n')
        await more.promise
        res.end('data: 2\n\n')
      })

      const streams = await Promise.all([open(port, '/events'), open(port, '/events')])
      const firsts = await Promise.all(streams.map((stream) => once(stream, 'data')))
      more.resolve()

      expect(firsts.map(([chunk]) => String(chunk))).toEqual(['data: 1\n\n', 'data: 1\n\n'])
    })

    it('a body larger than maxBodyBytes is passed on and not kept', async () => {
      const sizes = { '/declared': 11, '/streamed': 11, '/fits': 10 }
      const { port } = await bench.serve(
        (req, res) => {
          const size = sizes[req.url as keyof typeof sizes]
          if (req.url === '/declared') res.setHeader('Content-Length', size)
          res.writeHead(200, FRESH)
          for (let index = 0; index < size; index += 1) res.write('x')
          res.end()
        },
        { maxBodyBytes: 10 },
      )

      for (const path of Object.keys(sizes)) await send(port, path)
      const replies = await Promise.all(Object.keys(sizes).map((path) => send(port, path)))

      expect(replies.map(({ text }) => text.length)).toEqual([11, 11, 10])
      expect(replies.map(({ cache }) => SERVED.test(cache))).toEqual([false, false, true])
    })

    it('trap 19: a body shorter or longer than its declared length is not kept', async () => {
      const lie = (res: ServerResponse, length: number): void => {
        res.writeHead(200, { ...FRESH, 'Content-Length': length })
        res.end('12345')
      }
      const { port } = await bench.serve((req, res) => lie(res, req.url === '/short' ? 9 : 3))

      await rawGet(port, '/short')
      await rawGet(port, '/long')
      const cached = await Promise.all([rawGet(port, '/short'), rawGet(port, '/long')])

      expect(cached.join()).not.toMatch(SERVED)
    })

    it('trap 19: a response that breaks off is not kept', async () => {
      let runs = 0
      const { port } = await bench.serve((_req, res) => {
        runs += 1
        res.writeHead(200, FRESH)
        res.write('half of')
        if (runs === 1) setImmediate(() => res.destroy())
        else res.end(' it all')
      })

      await send(port, '/page').catch(() => {})
      const second = await send(port, '/page')

      expect(second.text).toBe('half of it all')
      expect(second.cache).not.toMatch(SERVED)
    })

    it('trap 19: a stream whose client goes in the middle is not kept', async () => {
      let runs = 0
      const ended = deferred()
      const { port } = await bench.serve(async (_req, res) => {
        runs += 1
        const isFirst = runs === 1
        res.writeHead(200, FRESH)
        res.write('half of')
        if (isFirst) await once(res, 'close')
        res.end(' it all')
        if (isFirst) ended.resolve()
      })

      const incoming = await open(port, '/page')
      incoming.on('error', () => {})
      await once(incoming, 'data')
      incoming.destroy()
      await ended.promise
      const second = await send(port, '/page')

      expect(second.cache).not.toMatch(SERVED)
      expect(second.text).toBe('half of it all')
    })

    it('a response that its handler finishes is kept though its client has gone', async () => {
      const entered = deferred()
      const gone = deferred()
      let runs = 0
      const { port } = await bench.serve(async (_req, res) => {
        runs += 1
        res.on('close', () => gone.resolve())
        entered.resolve()
        if (runs === 1) await gone.promise
        res.writeHead(200, FRESH)
        res.end(`run ${runs}`)
      })
      const outgoing = request({ port, path: '/page', agent: false })
      outgoing.on('error', () => {})
      outgoing.end()
      await entered.promise

      outgoing.destroy()
      await gone.promise
      const second = await send(port, '/page')

      expect(second.text).toBe('run 1')
      expect(second.cache).toMatch(SERVED)
    })

    it('several requests on one connection each get their own', async () => {
      const { port } = await bench.serve((req, res) => {
        res.writeHead(200, FRESH)
        res.end(`body of ${req.url};`)
      })
      for (const path of ['/a', '/b']) await send(port, path)

      const answers = await rawGet(port, '/a', '/b', '/c', '/a')

      expect(answers.match(/body of [^;]+/g)).toEqual(
        ['/a', '/b', '/c', '/a'].map((path) => `body of ${path}`),
      )
    })
  })
}

/** Asks for paths one after another on one connection, without waiting, and gives all that comes back. */
async function rawGet(port: number, ...paths: string[]): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  const last = paths.length - 1
  const requests = paths.map((path, index) => {
    const connection = index === last ? 'close' : 'keep-alive'
    return `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: ${connection}\r\n\r\n`
  })
  socket.write(requests.join(''))
  const chunks: Buffer[] = []
  for await (const chunk of socket) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}
