import { once } from 'node:events'
import { type IncomingMessage, request, type ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type Deferred, deferred, waitUntil } from '@hotpath/testing'
import { describe, expect, it } from 'vitest'
import { type Bench, collect, SERVED, type SuiteRequest, send } from '../harness.ts'

/** A handler that writes the parts of a page as the test lets it, counting its runs. */
class Page {
  readonly #parts: readonly string[]
  readonly #fields: Record<string, string>
  readonly #go: Deferred<void>[]
  runs = 0
  sawClose = false

  constructor(parts: readonly string[], fields: Record<string, string> = {}) {
    this.#parts = parts
    this.#fields = { 'Cache-Control': 'max-age=60', ...fields }
    this.#go = parts.map(() => deferred<void>())
  }

  /** Lets the part of this number be written. */
  open(part: number): void {
    this.#go[part]?.resolve()
  }

  readonly handle = async (_req: IncomingMessage, res: ServerResponse): Promise<void> => {
    this.runs += 1
    res.on('close', () => {
      this.sawClose = true
    })
    res.writeHead(200, this.#fields)
    for (const [index, part] of this.#parts.entries()) {
      await this.#go[index]?.promise
      if (!res.write(part) && !this.sawClose) await once(res, 'drain')
    }
    res.end()
  }
}

/** A request whose response has begun. */
async function begin(port: number, headers: Record<string, string> = {}): Promise<IncomingMessage> {
  const outgoing = request({ port, path: '/page', agent: false, headers })
  outgoing.end()
  const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage]
  return incoming
}

/** The text that comes next. */
async function next(incoming: IncomingMessage): Promise<string> {
  for (;;) {
    const chunk = incoming.read() as Buffer | null
    if (chunk !== null) return chunk.toString()
    await once(incoming, 'readable')
  }
}

/** Those who wait for a response are sent it while it is made. */
export function followingSuite(driver: Bench): void {
  // A process that begins on a store in use: what is made in an empty one looks like an invalidation.
  const bench: Pick<Bench, 'serve'> = {
    async serve(handler, options) {
      const all = { ...driver.newStore(), ...options }
      const first = await driver.serve((_req, res) => res.end(), all)
      await send(first.port, '/first')
      return await driver.serve(handler, all)
    },
  }

  describe('following a response that is being recorded', () => {
    it('trap 22: waiters have its first bytes as soon as its own client', async () => {
      const page = new Page(['first ', 'last'])
      const { port } = await bench.serve(page.handle)
      page.open(0)
      const own = await begin(port)
      await next(own)

      const other = await begin(port)
      const first = await next(other)
      page.open(1)
      const rest = (await collect(other)).text

      expect([first, rest]).toEqual(['first ', 'last'])
      expect(String(other.headers['cache-status'])).toMatch(/fwd=uri-miss; collapsed; ttl=\d+$/)
      expect((await collect(own)).text).toBe('last')
      expect(page.runs).toBe(1)
    })

    it('those who waited before it began are sent it when it begins', async () => {
      const begun = deferred()
      const entered = deferred()
      let arrived = 0
      const page = new Page(['first ', 'last'])
      const skip = ({ url }: SuiteRequest): boolean => {
        if (url === '/page') arrived += 1
        return false
      }
      const { port } = await bench.serve(
        async (req, res) => {
          entered.resolve()
          await begun.promise
          await page.handle(req, res)
        },
        { skip },
      )
      const own = begin(port)
      await entered.promise
      const others = [begin(port), begin(port)]
      await waitUntil(() => arrived === 3, 'they are all here')

      begun.resolve()
      page.open(0)
      const first = await Promise.all(others.map(async (other) => next(await other)))
      page.open(1)

      expect(first).toEqual(['first ', 'first '])
      const rest = await Promise.all([own, ...others].map(async (each) => collect(await each)))
      expect(rest.map(({ text }) => text)).toEqual(['first last', 'last', 'last'])
      expect(page.runs).toBe(1)
    })

    it('what they were sent is kept', async () => {
      const page = new Page(['first ', 'last'])
      const { port } = await bench.serve(page.handle)
      page.open(0)
      const own = await begin(port)
      const other = await begin(port)

      page.open(1)
      await Promise.all([collect(own), collect(other)])
      const later = await send(port, '/page')

      expect([later.text, page.runs]).toEqual(['first last', 1])
      expect(later.cache).toMatch(SERVED)
    })

    it('trap 22: a slow reader holds up nobody', async () => {
      const large = 'x'.repeat(200_000)
      const parts = Array.from({ length: 20 }, () => large)
      const page = new Page(parts)
      const { port } = await bench.serve(page.handle, { maxBodyBytes: 5_000_000 })
      page.open(0)
      const own = await begin(port)
      const slow = await begin(port)
      const fast = await begin(port)
      slow.pause()

      for (const index of parts.keys()) page.open(index)
      const [ownReply, fastReply] = await Promise.all([collect(own), collect(fast)])

      expect([ownReply.body.length, fastReply.body.length]).toEqual([4_000_000, 4_000_000])
      expect((await collect(slow)).body.length).toBe(4_000_000)
    })

    it('trap 22: its own client, if slow, holds up nobody either', async () => {
      const large = 'x'.repeat(500_000)
      const parts = Array.from({ length: 60 }, () => large)
      const page = new Page(parts)
      const { port } = await bench.serve(page.handle, { maxBodyBytes: 30_000_000 })
      for (const index of parts.keys()) page.open(index)
      const own = await begin(port)
      own.pause()

      const other = await begin(port)
      const reply = await collect(other)

      expect(reply.body.length).toBe(30_000_000)
      expect((await collect(own)).body.length).toBe(30_000_000)
      expect(page.runs).toBe(1)
    })

    it('that its own client goes does not end it for the others', async () => {
      const page = new Page(['first ', 'last'])
      const { port } = await bench.serve(page.handle)
      page.open(0)
      const own = await begin(port)
      own.on('error', () => {})
      await next(own)
      const other = await begin(port)
      await next(other)

      own.destroy()
      await waitUntil(() => own.closed, 'the client has gone')
      page.open(1)

      expect((await collect(other)).text).toBe('last')
      expect(page.runs).toBe(1)
      await waitUntil(() => page.sawClose, 'its handler hears of it when it has ended')
    })

    it('the same for a handler that pipes', async () => {
      const go = deferred()
      const source = async function* (): AsyncGenerator<string> {
        yield 'first '
        await go.promise
        yield 'last'
      }
      let runs = 0
      const { port } = await bench.serve(async (_req, res) => {
        runs += 1
        res.setHeader('Cache-Control', 'max-age=60')
        await pipeline(Readable.from(source()), res).catch(() => {})
      })
      const own = await begin(port)
      own.on('error', () => {})
      await next(own)
      const other = await begin(port)
      await next(other)

      own.destroy()
      await waitUntil(() => own.closed, 'the client has gone')
      go.resolve()

      expect((await collect(other)).text).toBe('last')
      expect(runs).toBe(1)
    })

    it('trap 19: what its handler breaks off breaks off for all, and is not kept', async () => {
      const go = deferred()
      let runs = 0
      const { port } = await bench.serve(async (_req, res) => {
        runs += 1
        res.writeHead(200, { 'Cache-Control': 'max-age=60' })
        res.write('first ')
        if (runs > 1) return void res.end('last')
        await go.promise
        res.destroy()
      })
      const own = await begin(port)
      const other = await begin(port)
      await next(other)
      const broken = Promise.allSettled([collect(own), collect(other)])

      go.resolve()

      expect((await broken).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
      expect((await send(port, '/page')).text).toBe('first last')
    })

    it('what outgrows maxBodyBytes goes to all and is not kept', async () => {
      const parts = Array.from({ length: 10 }, (_, index) => String(index).repeat(1_000))
      const page = new Page(parts)
      const { port } = await bench.serve(page.handle, { maxBodyBytes: 4_000 })
      page.open(0)
      const own = await begin(port)
      const other = await begin(port)
      const ownReply = collect(own)

      let seen = ''
      other.on('data', (chunk: Buffer) => {
        seen += chunk.toString()
      })
      const ended = once(other, 'end')
      for (const index of parts.keys()) {
        page.open(index)
        await waitUntil(() => seen.length >= (index + 1) * 1_000, 'it has been sent')
      }
      await ended

      expect(seen).toBe(parts.join(''))
      expect((await ownReply).text).toBe(seen)
      expect(page.runs).toBe(1)
      expect((await send(port, '/page')).cache).not.toMatch(SERVED)
    })

    it('trap 19: what outgrows maxBodyBytes goes in full to who takes it in late, too', async () => {
      const large = 'x'.repeat(500_000)
      const parts = Array.from({ length: 132 }, () => large)
      const page = new Page(parts)
      const { port } = await bench.serve(page.handle, { maxBodyBytes: 60_000_000 })
      page.open(0)
      const own = await begin(port)
      const other = await begin(port)
      const ownReply = collect(own)
      let seen = 0
      const paused = deferred()
      other.on('data', (chunk: Buffer) => {
        seen += chunk.length
        if (seen < 40_000_000 || other.isPaused()) return
        other.pause()
        paused.resolve()
      })
      for (let part = 1; part < 80; part += 1) page.open(part)
      await paused.promise

      for (const part of parts.keys()) page.open(part)
      await ownReply
      const ended = once(other, 'end')
      other.removeAllListeners('data')
      other.on('data', (chunk: Buffer) => {
        seen += chunk.length
      })
      other.resume()
      await ended

      expect(seen).toBe(66_000_000)
      expect(page.runs).toBe(1)
    })

    it('who asks after a purge is not sent what was begun before it', async () => {
      const pages = [new Page(['old', '']), new Page(['new', ''])]
      let runs = 0
      const { port, responses } = await bench.serve((req, res) => {
        runs += 1
        return pages[runs - 1]?.handle(req, res)
      })
      pages[0]?.open(0)
      const before = await begin(port)
      await next(before)

      await responses.purge({ url: '/page' })
      for (const part of [0, 1]) pages[1]?.open(part)
      const after = begin(port)
      pages[0]?.open(1)

      expect((await collect(await after)).text).toBe('new')
      await collect(before)
    })

    it('it is sent to nobody whom it would not be served to from the cache', async () => {
      const page = new Page(['first ', 'last'], { Vary: 'Accept-Language' })
      const { port } = await bench.serve(page.handle)
      page.open(0)
      const own = await begin(port, { 'Accept-Language': 'fr' })
      await next(own)
      const others = [
        begin(port, { 'Accept-Language': 'de' }),
        begin(port, { 'Accept-Language': 'fr', Authorization: 'Bearer x' }),
      ]

      page.open(1)
      const replies = await Promise.all(others.map(async (other) => collect(await other)))

      expect(replies.map(({ cache }) => cache.includes('collapsed'))).toEqual([false, false])
      expect(page.runs).toBe(3)
      await collect(own)
    })
  })
}
