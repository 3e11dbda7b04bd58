import { Redis } from 'ioredis'
import { afterEach, expect, it } from 'vitest'
import { type RedisServer, startRedis } from '../../src/index.ts'

let server: RedisServer | undefined
let client: Redis | undefined

afterEach(async () => {
  client?.disconnect()
  await server?.stop()
})

it('restart() brings the server back empty on the same port', async () => {
  server = await startRedis({ faults: true })
  client = new Redis(server.url)
  await client.set('key', 'value')

  await server.kill()
  await server.restart()

  expect(await client.get('key')).toBeNull()
})
