import { createServer, type RequestListener } from 'node:http'
import { cacheHandler } from '@hotpath/http'
import Koa from 'koa'
import { afterEach, describe, expect, it } from 'vitest'
import { closeServer, listen, SERVED, send } from './harness.ts'

const closers: (() => Promise<void>)[] = []

afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()))
})

async function serve(listener: RequestListener): Promise<number> {
  const server = createServer(listener)
  closers.push(() => closeServer(server))
  return await listen(server)
}

describe('cacheHandler() in front of Koa', () => {
  it('a hit never enters it', async () => {
    let entered = 0
    const app = new Koa()
    app.use(async (_context, next) => {
      entered += 1
      await next()
    })
    app.use((context) => {
      context.body = { path: context.path, entered }
      context.set('X-From', 'koa')
    })
    const port = await serve(cacheHandler(app.callback(), { ttl: '1m' }))

    const first = await send(port, '/page')
    const second = await send(port, '/page')

    expect(second.cache).toMatch(SERVED)
    expect([second.text, second.headers['x-from']]).toEqual([first.text, 'koa'])
    expect(second.headers['content-type']).toBe('application/json; charset=utf-8')
    expect(entered).toBe(1)
  })

  it('what it throws is answered by Koa and not kept', async () => {
    let runs = 0
    const app = new Koa()
    app.silent = true
    app.use((context) => {
      runs += 1
      if (runs === 1) context.throw(503, 'not yet')
      context.body = 'page'
    })
    const port = await serve(cacheHandler(app.callback(), { ttl: '1m' }))

    const replies = [await send(port, '/page'), await send(port, '/page')]

    expect(replies.map(({ status }) => status)).toEqual([503, 200])
  })
})
