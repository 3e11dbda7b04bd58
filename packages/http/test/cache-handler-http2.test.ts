import { once } from 'node:events'
import { connect, createServer, type Http2Server } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { cacheHandler } from '@hotpath/http'
import { afterEach, describe, expect, it } from 'vitest'

let server: Http2Server | undefined

afterEach(async () => {
  await new Promise((resolve) => server?.close(resolve))
})

describe('cacheHandler() over HTTP/2', () => {
  it('caches, by the host of the pseudo-header', async () => {
    let runs = 0
    const handler = cacheHandler(
      (req, res) => {
        runs += 1
        res.writeHead(200, 'Fine', { 'Content-Type': 'text/plain', ETag: '"v1"' })
        res.write('run ')
        res.end(`${runs} for ${req.headers[':authority']}`)
      },
      { ttl: '30s' },
    )
    // HTTP/2's request and response stand in for HTTP/1's, as Node means them to.
    server = createServer(handler as unknown as Parameters<typeof createServer>[0])
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const ask = (authority: string, fields = {}) => get(server as Http2Server, authority, fields)

    const replies = [
      await ask('one.example'),
      await ask('one.example'),
      await ask('two.example'),
      await ask('one.example', { 'if-none-match': '"v1"' }),
    ]

    expect(replies.map(({ status }) => status)).toEqual([200, 200, 200, 304])
    expect(replies.map(({ text }) => text)).toEqual([
      'run 1 for one.example',
      'run 1 for one.example',
      'run 2 for two.example',
      '',
    ])
    expect(replies[1]?.cache).toMatch(/^hotpath; hit; ttl=\d+; detail=memory$/)
  })
})

async function get(
  server: Http2Server,
  authority: string,
  fields: Record<string, string>,
): Promise<{ status: number; text: string; cache: string }> {
  const client = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const stream = client.request({ ':path': '/page', ':authority': authority, ...fields })
  const [headers] = (await once(stream, 'response')) as [Record<string, string | number>]
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk as Buffer)
  client.close()
  return {
    status: Number(headers[':status']),
    text: Buffer.concat(chunks).toString(),
    cache: String(headers['cache-status']),
  }
}
