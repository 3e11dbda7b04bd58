import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { cacheHandler } from '@hotpath/http'

/** The process that streams one cold page to everyone: says its port, then, when asked, what it took. */
const BODY_BYTES = 5 * 1024 * 1024
const PIECES = 80
const STREAMED_FOR_MS = 1_000

let runs = 0
let firstByteAt = 0
const piece = Buffer.alloc(BODY_BYTES / PIECES, 'x')

const cached = cacheHandler(
  async (_req, res) => {
    runs += 1
    res.writeHead(200, { 'Cache-Control': 'max-age=60', 'Content-Type': 'text/plain' })
    firstByteAt = Date.now()
    for (let index = 0; index < PIECES; index += 1) {
      res.write(piece)
      await sleep(STREAMED_FOR_MS / PIECES)
    }
    res.end()
  },
  { maxBodyBytes: BODY_BYTES },
)

let peakBytes = 0
const sample = (): void => {
  const { heapUsed, external } = process.memoryUsage()
  peakBytes = Math.max(peakBytes, heapUsed + external)
}
setInterval(sample, 20).unref()

const server = createServer({ keepAlive: false }, cached)
server.listen({ port: 0, host: '127.0.0.1', backlog: 16_384 }, () => {
  process.send?.({ port: (server.address() as AddressInfo).port, bytes: BODY_BYTES })
})
process.on('message', (asked) => {
  if (asked === 'baseline') {
    global.gc?.()
    peakBytes = 0
    sample()
    process.send?.({ baselineBytes: peakBytes })
  } else process.send?.({ runs, firstByteAt, peakBytes })
})
process.on('disconnect', () => process.exit())
