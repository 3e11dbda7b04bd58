import { Redis } from 'ioredis'
import { afterAll, afterEach, expect, it } from 'vitest'
import { type RedisServer, startRedis, waitUntil } from '../../src/index.ts'

/** What a Redis of our own can do, wherever it comes from; `server` has 12 MB of `maxmemory`. */
export function describeOwnRedis(server: RedisServer): void {
  const { source } = server
  const clients: Redis[] = []

  afterEach(async () => {
    for (const client of clients.splice(0)) client.disconnect()
    await server.restart()
  })

  afterAll(async () => {
    await server.stop()
  })

  function connect({ url } = server): Redis {
    const client = new Redis(url, { retryStrategy: () => 20 })
    client.on('error', () => {})
    clients.push(client)
    return client
  }

  it('says where it is, where it came from and that it takes faults', async () => {
    expect(server).toMatchObject({ source, canFault: true, host: expect.any(String) })
    expect(server.url).toBe(`redis://${server.host}:${server.port}`)
    expect(await connect().ping()).toBe('PONG')
  })

  it('keeps nothing on disk and takes the directives of the test', async () => {
    const client = connect()

    expect(await client.config('GET', 'save')).toEqual(['save', ''])
    expect(await client.config('GET', 'appendonly')).toEqual(['appendonly', 'no'])
    expect(await client.config('GET', 'maxmemory')).toEqual(['maxmemory', String(12 * 2 ** 20)])
  })

  it('kill() breaks connections off and leaves nobody listening', async () => {
    const client = connect()
    await client.ping()
    const broken = new Promise((resolve) => client.once('close', resolve))

    await server.kill()

    await broken
    const late = new Redis(server.url, { lazyConnect: true, retryStrategy: () => null })
    late.on('error', () => {})
    await expect(late.connect()).rejects.toThrow()
  })

  it('restart() brings it back empty on the same port', async () => {
    const client = connect()
    await client.set('key', 'value')
    const before = server.port

    await server.kill()
    await server.restart()

    expect(server.port).toBe(before)
    expect(await client.get('key')).toBeNull()
  })

  it('restart() also ends one that still runs, paused or not', async () => {
    const client = connect()
    await client.set('key', 'value')

    await server.pause()
    await server.restart()

    expect(await client.get('key')).toBeNull()
  })

  it('pause() keeps connections open without an answer until resume()', async () => {
    const client = connect()
    await client.set('key', 'value')
    const yardstick = await startRedis({ source })
    await server.pause()
    let answer: string | null | undefined
    const pending = client.get('key').then((value) => {
      answer = value
    })

    // Time enough for an answer: another server has given one to the same question.
    expect(await connect(yardstick).get('key')).toBeNull()
    expect(answer).toBeUndefined()
    await server.resume()
    await pending
    await yardstick.stop()

    expect(answer).toBe('value')
  })

  it('pause() and resume() of one that does not run say what to do', async () => {
    await server.kill()

    await expect(server.pause()).rejects.toThrow(/not running; restart\(\) it first/)
    await expect(server.resume()).rejects.toThrow(/not running; restart\(\) it first/)
  })

  it('kill() and stop() of one that has ended do nothing', async () => {
    const other = await startRedis({ source })
    await other.kill()

    await other.kill()
    await other.stop()
    await other.stop()

    await waitUntil(async () => (await connect().ping()) === 'PONG', 'the other one runs on')
    expect(other.port).not.toBe(server.port)
  })
}
