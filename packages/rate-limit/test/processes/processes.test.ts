import { randomBytes } from 'node:crypto'
import { type RedisServer, startRedis, waitUntil } from '@hotpath/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createRateLimiter, type PolicyOptions } from '../../src/index.ts'
import type { Tally } from './protocol.ts'
import { WorkerProcess } from './worker-process.ts'

const PROCESSES = 8
const TIMES = 100_000

const POLICIES: readonly PolicyOptions[] = [
  { name: 'hourly', limit: 30_000, window: '1h' },
  { name: 'daily', limit: 20_000, window: '1d' },
]

let server: RedisServer
let namespace = ''
let workers: WorkerProcess[] = []

beforeEach(async () => {
  server = await startRedis({ faults: true })
  namespace = `test-${randomBytes(6).toString('hex')}`
})

afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.kill()))
  await server.stop()
})

async function startWorkers(
  count: number,
  policies: readonly PolicyOptions[],
  storeTimeout: number,
): Promise<void> {
  const settings = { redis: server.url, namespace, storeTimeout, blockCache: false, policies }
  workers = Array.from({ length: count }, () => new WorkerProcess(settings))
  await Promise.all(workers.map((worker) => worker.untilReady()))
}

async function untilDone(): Promise<Tally> {
  const tallies = await Promise.all(workers.map(({ done }) => done))
  const sum = { redis: 0, local: 0, other: 0, failed: 0, refused: 0 }
  for (const tally of tallies) {
    for (const name of Object.keys(sum) as (keyof Tally)[]) sum[name] += tally[name]
  }
  return sum
}

describe(`${PROCESSES} processes, ${TIMES} consumes on one key with two policies`, () => {
  it('admit exactly the tighter limit, and charge each policy exactly that', {
    timeout: 180_000,
  }, async () => {
    await startWorkers(PROCESSES, POLICIES, 20_000)

    for (const worker of workers) worker.tell({ say: 'consume', times: TIMES / PROCESSES })
    const sum = await untilDone()

    const limiter = createRateLimiter({
      redis: server.url,
      namespace,
      storeTimeout: 20_000,
      policies: POLICIES,
    })
    const { policies } = await limiter.peek('client')
    await limiter.close()
    expect(sum).toEqual({ redis: 20_000, local: 0, other: 0, failed: 0, refused: 80_000 })
    expect(policies.map(({ remaining }) => remaining)).toEqual([10_000, 0])
  })

  it('Redis killed and restarted in the middle: each of the three parts keeps to the limit', {
    timeout: 180_000,
  }, async () => {
    await startWorkers(PROCESSES, POLICIES, 1_000)
    await waitUntil(
      () => workers.every(({ instances }) => instances === PROCESSES),
      'all know of all',
    )

    for (const worker of workers) worker.tell({ say: 'consume', times: TIMES / PROCESSES })
    const watcher = createRateLimiter({ redis: server.url, namespace, policies: POLICIES })
    await waitUntil(async () => {
      const { decidedBy, policies } = await watcher.peek('client')
      return decidedBy === 'redis' && (policies[1]?.remaining ?? 20_000) < 15_000
    }, 'they are in the middle')
    await server.kill()
    await server.restart()
    const sum = await untilDone()
    await watcher.close()

    console.log(`killed in the middle: ${JSON.stringify(sum)}`)
    expect([sum.failed, sum.other]).toEqual([0, 0])
    expect(sum.local).toBeLessThanOrEqual(20_000)
    // It came back empty: what it admits then is a new count.
    expect(sum.redis).toBeLessThanOrEqual(40_000)
    expect(sum.redis + sum.local + sum.refused).toBe(TIMES)
  })
})

describe('trap 46: a crashed process', () => {
  it('leaks no slot beyond its lease', async () => {
    const policies = [{ name: 'slots', limit: 1, algorithm: 'concurrency', window: '2s' }] as const
    await startWorkers(1, policies, 5_000)
    const [worker] = workers as [WorkerProcess]
    worker.tell({ say: 'take' })
    await waitUntil(() => worker.taken !== undefined, 'it has the slot')
    const limiter = createRateLimiter({
      redis: server.url,
      namespace,
      storeTimeout: 5_000,
      policies,
    })
    const during = await limiter.consume('slots')

    await worker.kill()

    await waitUntil(async () => (await limiter.consume('slots')).allowed, 'the slot is free')
    await limiter.close()
    expect([worker.taken, during.allowed]).toEqual([true, false])
  })
})
