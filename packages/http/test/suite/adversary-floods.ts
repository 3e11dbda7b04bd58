import { Agent, request } from 'node:http'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createCache } from '@hotpath/core'
import { describe, expect, it } from 'vitest'
import { type Bench, collect, type Handler, type Reply, SERVED } from '../harness.ts'

const MAX_BYTES = 200_000
const REQUESTS = 1_000
const AT_ONCE = 10

const page: Handler = (req, res) => {
  res.setHeader('Cache-Control', 'max-age=60')
  if (req.url?.startsWith('/varies')) res.setHeader('Vary', 'X-Any, User-Agent')
  if (req.url?.startsWith('/tags')) res.setHeader('Cache-Tag', `a${req.url.slice(-20)}`)
  if (req.url?.startsWith('/unstorable')) res.setHeader('Cache-Control', 'no-store')
  res.end('x'.repeat(500))
}

const LONG = 'y'.repeat(6_000)

/** Requests of which no two are alike, and which are as long as may be. */
const FLOODS: [string, (index: number) => { path: string; headers?: Record<string, string> }][] = [
  ['queries', (index) => ({ path: `/page?${index}=${LONG}` })],
  ['paths', (index) => ({ path: `/${index}/${LONG}/a/b/c/d/e` })],
  ['hosts', (index) => ({ path: '/page', headers: { Host: `${index}.${LONG}` } })],
  [
    'forwarded hosts',
    (index) => ({ path: '/', headers: { 'X-Forwarded-Host': `${index}${LONG}` } }),
  ],
  ['variants', (index) => ({ path: '/varies', headers: { 'X-Any': `${index}${LONG}` } })],
  [
    'variants of many pages',
    (index) => ({ path: `/varies?${index % 50}`, headers: { 'User-Agent': `${index}${LONG}` } }),
  ],
  ['tags', (index) => ({ path: `/tags?${index}=${LONG}${1e19 + index}` })],
  ['what cannot be kept', (index) => ({ path: `/unstorable?${index}=${LONG}` })],
  [
    'ranges',
    (index) => ({
      path: `/page?${index}`,
      headers: { Range: `bytes=${'0-,'.repeat(4_000)}` },
    }),
  ],
]

/** Memory holds what it was told to hold, whatever is asked for. */
export function adversaryFloods(bench: Bench): void {
  describe('trap 23: floods', () => {
    it.each(FLOODS)('of %s stay within maxBytes, and what is hot stays', async (_name, make) => {
      const cache = createCache({ ...bench.newStore(), memory: { maxBytes: MAX_BYTES } } as object)
      const { port } = await bench.serve(page, { cache })
      const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE })
      const ask = (path: string, headers = {}): Promise<Reply> => askBy(agent, port, path, headers)
      await ask('/hot')
      let most = 0
      let last: Reply | undefined

      for (let index = 0; index < REQUESTS; index += AT_ONCE) {
        const batch = Array.from({ length: AT_ONCE }, (_, offset) => make(index + offset))
        const replies = await Promise.all(batch.map(({ path, headers }) => ask(path, headers)))
        expect(replies.every(({ status }) => status < 500)).toBe(true)
        last = await ask('/hot')
        most = Math.max(most, cache.stats().memoryBytes)
      }
      agent.destroy()
      await cache.close()

      expect(last?.cache).toMatch(SERVED)
      expect(most).toBeGreaterThan(0)
      expect(most).toBeLessThanOrEqual(MAX_BYTES)
    })

    it('leave nothing in memory but what maxBytes allows', async () => {
      const cache = createCache({ ...bench.newStore(), memory: { maxBytes: MAX_BYTES } } as object)
      const { port } = await bench.serve(page, { cache })
      const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE })
      const flood = async (from: number, requests: number): Promise<void> => {
        for (let index = from; index < from + requests; index += FLOODS.length) {
          const batch = FLOODS.map(([, make]) => make(index))
          await Promise.all(
            batch.map(({ path, headers = {} }) => askBy(agent, port, path, headers)),
          )
        }
      }
      await flood(0, 450)
      const before = await usedBytes()

      await flood(1_000, 2_700)
      const after = await usedBytes()
      agent.destroy()
      await cache.close()

      // They were 16 MB long.
      expect(after - before).toBeLessThan(6_000_000)
    })
  })
}

/** What is left in memory once all garbage is gone. */
async function usedBytes(): Promise<number> {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  for (let turn = 0; turn < 3; turn += 1) {
    collect()
    await new Promise((resolve) => setImmediate(resolve))
  }
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

function askBy(
  agent: Agent,
  port: number,
  path: string,
  headers: Record<string, string>,
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ port, path, headers, agent }, (incoming) => {
      collect(incoming).then(resolve, reject)
    })
    outgoing.on('error', reject)
    outgoing.end()
  })
}
