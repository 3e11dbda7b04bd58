import { createServer, type Server } from 'node:http'
import { cacheMiddleware } from '@hotpath/express'
import { deferred, waitUntil } from '@hotpath/testing'
import express, { type ErrorRequestHandler } from 'express'
import { afterEach, describe, expect, it } from 'vitest'
import { failOnce } from '../../http/test/fail-once.ts'
import { closeServer, listen, send } from '../../http/test/harness.ts'

let server: Server

afterEach(() => closeServer(server))

/** An app in which the answer to a request with X-Bad fails, and a slow page. */
async function serve(options: object): Promise<{
  port: number
  entered: Promise<void>
  finish: () => void
  arrived: () => number
}> {
  const entered = deferred()
  const finished = deferred()
  let arrived = 0
  const app = express()
  app.use((req, res, next) => {
    if (req.headers['x-bad'] !== undefined) failOnce(res)
    next()
  })
  const skip = (): boolean => {
    arrived += 1
    return false
  }
  app.use(cacheMiddleware({ ttl: '30s', skip, ...options }))
  app.get('/page', async (_req, res) => {
    entered.resolve()
    await finished.promise
    res.send('page')
  })
  const answerError: ErrorRequestHandler = (error: Error, _req, res, _next) => {
    setImmediate(() => res.status(500).send(error.message))
  }
  app.use(answerError)
  server = createServer(app)
  const port = await listen(server)
  return { port, entered: entered.promise, finish: finished.resolve, arrived: () => arrived }
}

describe('an answer from the cache that fails in Express', () => {
  it.each<[string, Record<string, string>]>([
    ['is sent it while it is made', {}],
    ['waits for all of it', { 'If-None-Match': '"other"' }],
  ])('is the error of that request alone: of one that %s', async (_name, headers) => {
    const { port, entered, finish, arrived } = await serve({})
    const own = send(port, '/page')
    await entered
    const bad = send(port, '/page', { headers: { 'X-Bad': '1', ...headers } })
    const other = send(port, '/page')
    await waitUntil(() => arrived() === 3, 'they are all here')

    finish()
    const replies = await Promise.all([own, bad, other])

    expect(replies.map(({ status, text }) => [status, text])).toEqual([
      [200, 'page'],
      [500, 'no head'],
      [200, 'page'],
    ])
  })

  it('is the error of that request alone: of one that is answered at once', async () => {
    const { port, finish } = await serve({})
    finish()
    await send(port, '/page')

    const bad = await send(port, '/page', { headers: { 'X-Bad': '1' } })

    expect([bad.status, bad.text]).toEqual([500, 'no head'])
    expect((await send(port, '/page')).text).toBe('page')
  })

  it('is the error of that request alone: of one that looks for itself', async () => {
    const { port, finish } = await serve({ collapse: false, honorRequestCacheControl: true })
    finish()

    const bad = await send(port, '/page', {
      headers: { 'X-Bad': '1', 'Cache-Control': 'only-if-cached' },
    })

    expect([bad.status, bad.text]).toEqual([500, 'no head'])
  })
})
