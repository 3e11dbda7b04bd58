import { request } from 'node:http'
import { type Deferred, deferred, FakeClock, waitUntil } from '@hotpath/testing'
import { describe, expect, it } from 'vitest'
import { type Bench, type Handler, type Reply, SERVED, send } from '../harness.ts'

/** Handlers that wait until the test lets them go on. */
function gated(respond: Handler): {
  handler: Handler
  entered: (count: number) => Promise<void>
  open: () => void
  readonly runs: number
} {
  const go = deferred()
  const waiting = new Map<number, Deferred<void>>()
  let runs = 0
  const enteredAt = (count: number): Deferred<void> => {
    const found = waiting.get(count) ?? deferred<void>()
    waiting.set(count, found)
    return found
  }
  return {
    handler: async (req, res) => {
      runs += 1
      enteredAt(runs).resolve()
      await go.promise
      await respond(req, res)
    },
    entered: (count) => enteredAt(count).promise,
    open: () => go.resolve(),
    get runs() {
      return runs
    },
  }
}

/** Counts requests as the option `skip` sees them, without skipping any. */
function countTo(total: number): { count: () => boolean; reached: Promise<void> } {
  const reached = deferred()
  let seen = 0
  const count = (): boolean => {
    seen += 1
    if (seen === total) reached.resolve()
    return false
  }
  return { count, reached: reached.promise }
}

function ask(port: number, count: number): Promise<Reply[]> {
  return Promise.all(Array.from({ length: count }, () => send(port, '/page')))
}

/** Requests for one thing at one time. */
export function collapsingSuite(bench: Bench): void {
  describe('collapsing', () => {
    it('runs the handler once for 1,000 concurrent requests', async () => {
      const gate = gated((_req, res) => void res.end('body'))
      const arrivals = countTo(1_000)
      const { port } = await bench.serve(gate.handler, { ttl: '30s', skip: arrivals.count })

      const pending = ask(port, 1_000)
      await arrivals.reached
      gate.open()
      const replies = await pending

      expect(gate.runs).toBe(1)
      expect(replies.every(({ text }) => text === 'body')).toBe(true)
      expect(replies.filter(({ cache }) => cache.includes('stored'))).toHaveLength(1)
    })

    it('says of a response that it was waited for', async () => {
      const gate = gated((_req, res) => void res.end('body'))
      const arrivals = countTo(2)
      const { port } = await bench.serve(gate.handler, { ttl: '30s', skip: arrivals.count })

      const pending = ask(port, 2)
      await arrivals.reached
      await gate.entered(1)
      gate.open()
      const caches = (await pending).map(({ cache }) => cache).sort()

      expect(caches[0]).toMatch(/^hotpath; fwd=uri-miss; collapsed; ttl=(29|30)$/)
      expect(caches[1]).toBe('hotpath; fwd=uri-miss; stored; ttl=30')
    })

    it('trap 21: waiters for a response that cannot be kept all go to the handler at once', async () => {
      const gate = gated((_req, res) => {
        res.setHeader('Cache-Control', 'no-store')
        res.end('body')
      })
      const others = deferred()
      let runs = 0
      const arrivals = countTo(20)
      const { port } = await bench.serve(
        async (req, res) => {
          runs += 1
          // The others are let go only when all of them are here.
          if (runs === 20) others.resolve()
          if (runs > 1) await others.promise
          await gate.handler(req, res)
        },
        { skip: arrivals.count },
      )

      const pending = ask(port, 20)
      await arrivals.reached
      gate.open()
      const replies = await pending

      expect(runs).toBe(20)
      expect(replies.every(({ text }) => text === 'body')).toBe(true)
    })

    it('trap 21: requests for what could not be kept do not wait for one another', async () => {
      let held = deferred()
      let runs = 0
      const allIn = deferred()
      const { port } = await bench.serve(async (_req, res) => {
        runs += 1
        if (runs === 11) allIn.resolve()
        await held.promise
        res.setHeader('Cache-Control', 'no-store')
        res.end('body')
      })
      held.resolve()
      await send(port, '/page')
      held = deferred()

      const pending = ask(port, 10)
      await allIn.promise
      held.resolve()
      const replies = await pending

      expect(replies.every(({ cache }) => cache.endsWith('detail=hit-for-miss'))).toBe(true)
    })

    it('waiters are let go as soon as the head says that the response will not be kept', async () => {
      const end = deferred()
      const secondIn = deferred()
      let runs = 0
      const { port } = await bench.serve(async (_req, res) => {
        runs += 1
        if (runs === 2) secondIn.resolve()
        res.writeHead(200, { 'Cache-Control': 'no-store' })
        res.write('head is out')
        await end.promise
        res.end()
      })

      const pending = ask(port, 2)
      await secondIn.promise
      end.resolve()

      expect((await pending).map(({ text }) => text)).toEqual(['head is out', 'head is out'])
    })

    it('a failure reaches the one who asked, and the next are asked for again', async () => {
      let runs = 0
      const { port } = await bench.serve(
        (_req, res) => {
          runs += 1
          res.statusCode = runs === 1 ? 500 : 200
          res.end(`run ${runs}`)
        },
        { ttl: '30s' },
      )

      const replies = [
        await send(port, '/page'),
        await send(port, '/page'),
        await send(port, '/page'),
      ]

      expect(replies.map(({ status, text }) => [status, text])).toEqual([
        [500, 'run 1'],
        [200, 'run 2'],
        [200, 'run 2'],
      ])
    })

    it('when the one who asked goes and nothing comes of it, another takes its place', async () => {
      let runs = 0
      const entered = deferred()
      const aborted = deferred()
      const { port } = await bench.serve((_req, res) => {
        runs += 1
        if (runs > 1) {
          res.setHeader('Cache-Control', 'max-age=60')
          res.end(`run ${runs}`)
          return
        }
        // A handler that gives up with its client, half-way.
        res.writeHead(200, { 'Cache-Control': 'max-age=60' })
        res.write('half')
        res.on('close', () => aborted.resolve())
        entered.resolve()
      })
      const outgoing = request({ port, path: '/page', agent: false })
      outgoing.on('error', () => {})
      outgoing.end()
      await entered.promise
      const waiters = ask(port, 5)

      outgoing.destroy()
      await aborted.promise
      const replies = await waiters

      expect(replies.every(({ text }) => text === 'run 2')).toBe(true)
      expect(runs).toBe(2)
    })

    // On Redis the next in line waits for the lease by the same clock, which stands still.
    if (bench.store === 'memory') {
      it('when the one who asked goes and its handler says nothing, another takes its place after a second', async () => {
        const clock = new FakeClock()
        const entered = deferred()
        const closed = deferred()
        const arrivals = countTo(4)
        let runs = 0
        const { port } = await bench.serve(
          (_req, res) => {
            runs += 1
            if (runs > 1) {
              res.end(`run ${runs}`)
              return
            }
            res.on('close', () => setImmediate(closed.resolve))
            entered.resolve()
          },
          { ttl: '30s', clock, skip: arrivals.count },
        )
        const outgoing = request({ port, path: '/page', agent: false })
        outgoing.on('error', () => {})
        outgoing.end()
        await entered.promise
        const waiters = ask(port, 3)
        await arrivals.reached
        outgoing.destroy()
        await closed.promise

        await clock.advanceAsync(1_000)
        const replies = await waiters

        expect(replies.every(({ text }) => text === 'run 2')).toBe(true)
      })
    }

    // On Redis the next in line waits for the lease by the same clock, which stands still.
    if (bench.store === 'memory') {
      it('nobody waits longer than 30 s for another', async () => {
        const clock = new FakeClock()
        const gate = gated((_req, res) => void res.end('slow'))
        const arrivals = countTo(3)
        let runs = 0
        const { port } = await bench.serve(
          async (req, res) => {
            runs += 1
            if (runs === 1) await gate.handler(req, res)
            else res.end('own')
          },
          { ttl: '60s', clock, skip: arrivals.count },
        )
        const leader = send(port, '/page')
        await gate.entered(1)
        const waiters = ask(port, 2)
        await arrivals.reached

        await clock.advanceAsync(30_000)
        const replies = await waiters
        gate.open()

        expect(replies.map(({ text }) => text)).toEqual(['own', 'own'])
        expect((await leader).text).toBe('slow')
      })
    }

    it('collapse: false runs the handler for each, and keeps what it gives', async () => {
      const gate = gated((_req, res) => void res.end('body'))
      const { port } = await bench.serve(gate.handler, { ttl: '30s', collapse: false })

      const pending = ask(port, 5)
      await gate.entered(5)
      gate.open()
      const replies = await pending
      const isServed = async (): Promise<boolean> => SERVED.test((await send(port, '/page')).cache)

      expect(replies.some(({ cache }) => SERVED.test(cache))).toBe(false)
      await waitUntil(isServed, 'what was loaded is served')
    })
  })
}
