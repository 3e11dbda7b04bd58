import { randomBytes } from 'node:crypto'
import { deferred, FakeClock, startRedis, waitUntil } from '@hotpath/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { LoadPacing } from '../../src/cache/load-pacing.ts'
import { createCache } from '../../src/index.ts'
import { untilEvent, untilReady } from '../support/harness.ts'

/** Loads that each end when told. */
function manualLoads() {
  const started: (() => void)[] = []
  const load = (): Promise<string> => {
    const { promise, resolve } = deferred<string>()
    started.push(() => resolve('v'))
    return promise
  }
  return { started, load }
}

const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate)
}

describe('LoadPacing', () => {
  it('runs loads at once, without a promise, until it begins', () => {
    const pacing = new LoadPacing(new FakeClock(), 1)

    expect([pacing.run(() => 1), pacing.run(() => 2)]).toEqual([1, 2])
  })

  it('runs so many at once, the others in turn as they end, whether well or not', async () => {
    const pacing = new LoadPacing(new FakeClock(), 2)
    const { started, load } = manualLoads()
    pacing.begin()

    const failing = Promise.resolve(pacing.run(() => Promise.reject(new Error('down'))))
    await expect(failing).rejects.toThrow('down')
    const runs = Array.from({ length: 5 }, () => pacing.run(load))
    await turns()
    const atFirst = [started.length, pacing.waiting]
    started[0]?.()
    await turns()
    const afterOne = [started.length, pacing.waiting]
    for (let index = 1; index < 5; index += 1) {
      started[index]?.()
      await turns()
    }

    expect([atFirst, afterOne]).toEqual([
      [2, 3],
      [3, 2],
    ])
    expect(await Promise.all(runs)).toEqual(['v', 'v', 'v', 'v', 'v'])
  })

  it('does not hold back a load that another waits for', async () => {
    const pacing = new LoadPacing(new FakeClock(), 1)
    pacing.begin()

    const outer = pacing.run(async () => `outer, ${await pacing.run(() => 'inner')}`)

    expect(await outer).toBe('outer, inner')
  })

  it('ends after ten seconds, and lets all go that still wait', async () => {
    const clock = new FakeClock()
    const pacing = new LoadPacing(clock, 1)
    const { started, load } = manualLoads()
    pacing.begin()
    const runs = Array.from({ length: 4 }, () => pacing.run(load))

    clock.advance(9_999)
    await turns()
    const before = started.length
    clock.advance(1)
    await turns()

    expect([before, started.length]).toEqual([1, 4])
    for (const end of started) end()
    await Promise.all(runs)
  })
})

describe('When Redis has come back', () => {
  it('empty, no more loads run at once than recoveryConcurrency says', async () => {
    const redis = await startRedis({ faults: true })
    onTestFinished(() => redis.stop())
    const namespace = `test-${randomBytes(6).toString('hex')}`
    const cache = createCache({ redis: redis.url, namespace, recoveryConcurrency: 3 })
    onTestFinished(() => cache.close())
    await untilReady(cache, true)
    const keys = Array.from({ length: 40 }, (_, index) => `key-${index}`)
    let running = 0
    let most = 0
    const load = async (): Promise<string> => {
      running += 1
      most = Math.max(most, running)
      await turns()
      running -= 1
      return 'v'
    }
    const loadAll = () => Promise.all(keys.map((key) => cache.getOrSet(key, load)))
    await loadAll()
    const mostBefore = most
    const isDown = untilEvent(cache, 'state', ({ redis }) => redis === 'down')
    await redis.kill()
    await isDown
    const isUp = untilEvent(cache, 'state', ({ redis }) => redis === 'up')
    await redis.restart()
    await isUp
    await waitUntil(() => cache.health().status === 'ok', 'it is used again')
    await cache.clear()
    most = 0

    const values = await loadAll()

    expect(mostBefore).toBeGreaterThan(3)
    expect(most).toBe(3)
    expect(new Set(values)).toEqual(new Set(['v']))
  })
})
