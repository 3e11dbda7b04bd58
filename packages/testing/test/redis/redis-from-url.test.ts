import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { type RedisServer, startRedis } from '../../src/index.ts'

let elsewhere: RedisServer

beforeAll(async () => {
  elsewhere = await startRedis({ faults: true })
})

afterEach(() => {
  vi.unstubAllEnvs()
})

afterAll(async () => {
  await elsewhere.stop()
})

describe('HOTPATH_TEST_REDIS_URL', () => {
  it('comes before everything else and stays up after stop()', async () => {
    vi.stubEnv('HOTPATH_TEST_REDIS_URL', `${elsewhere.url}/3`)

    const server = await startRedis()
    await server.stop()

    expect(server).toMatchObject({
      url: `${elsewhere.url}/3`,
      host: elsewhere.host,
      port: elsewhere.port,
      source: 'url',
      canFault: false,
    })
    expect(await startRedis()).toMatchObject({ source: 'url' })
  })

  it.each(['kill', 'pause', 'resume', 'restart'] as const)('refuses to %s()', async (fault) => {
    vi.stubEnv('HOTPATH_TEST_REDIS_URL', elsewhere.url)

    const server = await startRedis()

    await expect(server[fault]()).rejects.toThrow(
      `Cannot ${fault} the Redis of HOTPATH_TEST_REDIS_URL`,
    )
  })

  it('comes last for a test that needs faults', async () => {
    vi.stubEnv('HOTPATH_TEST_REDIS_URL', elsewhere.url)

    const server = await startRedis({ faults: true })

    expect(server.canFault).toBe(true)
    expect(server.port).not.toBe(elsewhere.port)
    await server.stop()
  })

  it('is passed over by a test that sets directives', async () => {
    vi.stubEnv('HOTPATH_TEST_REDIS_URL', elsewhere.url)

    const server = await startRedis({ config: { maxmemory: '9mb' } })

    expect(server.source).not.toBe('url')
    await server.stop()
  })

  it('that nobody answers at is an error, for somebody meant it', async () => {
    vi.stubEnv('HOTPATH_TEST_REDIS_URL', 'redis://127.0.0.1:1')

    await expect(startRedis()).rejects.toThrow(/redis:\/\/127\.0\.0\.1:1, where no Redis answers/)
  })
})
