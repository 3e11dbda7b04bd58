import { access } from 'node:fs/promises'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { type RedisSentinel, startSentinel } from '../../src/index.ts'

let sentinel: RedisSentinel

beforeAll(async () => {
  sentinel = await startSentinel({ config: { maxmemory: '12mb' } })
})

afterAll(async () => {
  await sentinel.stop()
})

function connect(options: object = sentinel.options): Redis {
  const client = new Redis({ ...options, retryStrategy: () => 20 })
  client.on('error', () => {})
  onTestFinished(() => client.disconnect())
  return client
}

it('leads a client to the master, whose replica has what is written there', async () => {
  const [replica] = await sentinel.replicas()

  await connect().set('key', 'value')
  await connect().wait(1, 1_000)

  expect((await sentinel.master()).port).not.toBe(replica?.port)
  expect(await connect({ host: replica?.host, port: replica?.port }).get('key')).toBe('value')
  expect(await connect().config('GET', 'maxmemory')).toEqual(['maxmemory', String(12 * 2 ** 20)])
})

it('failover() kills the master, makes the replica one, and brings the dead back as a replica', async () => {
  const before = await sentinel.master()
  const client = connect()
  await client.set('key', 'kept')
  await client.wait(1, 1_000)
  const lost = new Promise((resolve) => client.once('close', resolve))

  const after = await sentinel.failover()

  await lost
  expect(after.port).not.toBe(before.port)
  expect(await sentinel.master()).toBe(after)
  expect(await sentinel.replicas()).toEqual([before])
  expect(await connect().get('key')).toBe('kept')
  expect(await connect({ host: before.host, port: before.port }).get('key')).toBe('kept')
})

it('stop() ends all servers, also those that are dead or stand still', async () => {
  const other = await startSentinel({ replicas: 2 })
  const [first, second] = await other.replicas()
  const folder = await connect({ host: first?.host, port: first?.port }).config('GET', 'dir')
  await first?.kill()
  await second?.pause()

  await other.stop()

  for (const { host, port } of [...other.options.sentinels, ...[first, second]].flatMap(
    (at) => at ?? [],
  )) {
    const late = new Redis({ host, port, lazyConnect: true, retryStrategy: () => null })
    late.on('error', () => {})
    await expect(late.connect()).rejects.toThrow()
  }
  await expect(access((folder as string[])[1] ?? '')).rejects.toMatchObject({ code: 'ENOENT' })
})
