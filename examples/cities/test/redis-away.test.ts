import { type RedisServer, startRedis, waitUntil } from '@hotpath/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Demo } from '../src/start/start-demo.ts'
import { Browser, SERVERS } from './browser.ts'
import { MARSEILLE, PARIS, startSmall } from './start.ts'

describe.each(SERVERS)('while Redis is away, on %s', (server) => {
  let redis: RedisServer
  let demo: Demo

  beforeAll(async () => {
    redis = await startRedis({ faults: true })
    demo = await startSmall({ redisUrl: redis.url })
  })

  afterAll(async () => {
    await demo.close()
    await redis.stop()
  })

  it('users stay logged in, and what they change is there when it is back', async () => {
    const browser = new Browser(demo)
    await browser.login(server, 'Ada')
    await browser.change(server, 'PUT', `/api/favourites/${PARIS}`)

    await redis.pause()
    const user = await browser.user(server)
    const added = await browser.change(server, 'PUT', `/api/favourites/${MARSEILLE}`)
    const list = await browser.ask(server, '/api/sessions')
    const search = await browser.ask(server, '/api/cities?near=43.73,7.42')
    await redis.resume()

    expect([user, added.status, search.status]).toEqual(['Ada', 200, 200])
    expect([list.status, list.headers.get('Retry-After')]).toEqual([503, '1'])
    expect(list.body).toEqual({ error: 'This has to wait until Redis is back' })
    await waitUntil(
      async () => (await browser.ask(server, '/api/sessions')).status === 200,
      'the sessions are told again',
    )
    expect(await browser.favourites(server)).toEqual([MARSEILLE, PARIS])
  })
})
