import { afterEach, expect, it, vi } from 'vitest'
import { startRedis } from '../../src/index.ts'

afterEach(() => {
  vi.unstubAllEnvs()
})

it('says what was tried and what to install where there is no Redis', async () => {
  vi.stubEnv('PATH', '')
  vi.stubEnv('HOTPATH_TEST_REDIS_URL', '')

  const started = startRedis({ source: 'binary' })

  await expect(started).rejects.toThrow(
    /apt install redis-server.*HOTPATH_TEST_REDIS_URL.*Tried:.*redis-server: not on PATH/s,
  )
})

it('shows what redis-server said when it does not start', async () => {
  const started = startRedis({ faults: true, config: { 'no-such-directive': '1' } })

  await expect(started).rejects.toThrow(/did not start.*no-such-directive/s)
})

it('gives each caller a server of its own', async () => {
  const servers = await Promise.all([startRedis({ faults: true }), startRedis({ faults: true })])

  expect(servers[0].port).not.toBe(servers[1].port)
  await Promise.all(servers.map((server) => server.stop()))
})
