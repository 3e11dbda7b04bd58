import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { useRedis } from '../support/harness.ts'
import { Crew, totalLoads } from './crew.ts'
import type { WorkerSettings } from './protocol.ts'

const CALLERS = 1_000

const ways = [
  { where: 'in memory and Redis', memory: undefined },
  { where: 'in Redis alone', memory: false as const },
]

describe.each(ways)('4 processes of 1,000 callers each, $where', ({ memory }) => {
  const redis = useRedis()
  const crews = useCrew()

  /** All callers of all processes ask for one cold key; resolves when one loads and the others wait. */
  async function askAll(key: string) {
    const { crew } = crews
    const answers = crew.askAll({ ask: 'getOrSet', key, callers: CALLERS })
    const holder = await crew.untilLoading(1)
    await crew.untilWaiting(crew.workers.length - 1)
    return { crew, answers, holder }
  }

  function useCrew(): { readonly crew: Crew } {
    let crew: Crew | undefined
    beforeAll(async () => {
      crew = await Crew.start(redis.server, { memory })
    })
    afterAll(() => crew?.quit())
    return {
      get crew() {
        return crew as Crew
      },
    }
  }

  async function startMortals(options: WorkerSettings['options']): Promise<Crew> {
    const crew = await Crew.start(redis.server, options)
    onTestFinished(() => crew.quit())
    return crew
  }

  it('load one cold key exactly once, and all get the same value', async () => {
    const { answers, holder } = await askAll('cold')

    holder.tell({ ask: 'end', loader: { value: 'v' } })
    const answered = await answers

    expect(totalLoads(answered)).toBe(1)
    expect(answered).toEqual(
      answered.map(({ loads }) => {
        return { answered: CALLERS, values: ['v'], failed: 0, errors: [], loads }
      }),
    )
  })

  it('call a loader that fails once in each process, one after the other, and share its error there', async () => {
    const { crew, answers } = await askAll('failing')

    const begunAtEachEnd: number[] = []
    for (const number of [1, 2, 3, 4]) {
      const holder = await crew.untilLoading(number)
      begunAtEachEnd.push(crew.loaders.length)
      holder.tell({ ask: 'end', loader: { error: `down ${number}` } })
    }
    const answered = await answers

    expect(begunAtEachEnd).toEqual([1, 2, 3, 4])
    expect(answered).toEqual(
      crew.workers.map((worker) => {
        const error = `down ${crew.loaders.indexOf(worker) + 1}`
        return { answered: 0, values: [], failed: CALLERS, errors: [error], loads: 1 }
      }),
    )
  })

  it('load no more once a loader succeeds after one elsewhere has failed', async () => {
    const { crew, answers, holder: unlucky } = await askAll('failing-once')

    unlucky.tell({ ask: 'end', loader: { error: 'down' } })
    const lucky = await crew.untilLoading(2)
    lucky.tell({ ask: 'end', loader: { value: 'v' } })
    const answered = await answers

    expect(totalLoads(answered)).toBe(2)
    expect(answered.map(({ values, errors }) => [...values, ...errors])).toEqual(
      crew.workers.map((worker) => (worker === unlucky ? ['down'] : ['v'])),
    )
  })

  it('load each of 100 keys of a getOrSetMany exactly once', async () => {
    const keys = Array.from({ length: 100 }, (_, index) => `bulk-${index}`)

    const answered = await crews.crew.askAll({ ask: 'getOrSetMany', keys, callers: 100 })

    expect(totalLoads(answered)).toBe(keys.length)
    expect(new Set(answered.flatMap(({ values }) => values)).size).toBe(1)
  })

  it('go on when the one that loads is killed: another takes over after leaseTimeout', async () => {
    const crew = await startMortals({ memory, leaseTimeout: '500ms' })
    const asked = crew.ask({ ask: 'getOrSet', key: 'orphaned', callers: CALLERS })
    const outcomes = Promise.allSettled(asked)
    const killed = await crew.untilLoading(1)

    const survivors = crew.workers.filter((worker) => worker !== killed)
    for (const worker of survivors) worker.tell({ ask: 'end', loader: { value: 'v' } })
    await killed.kill()
    const answered = (await outcomes).flatMap((outcome) =>
      outcome.status === 'fulfilled' ? [outcome.value] : [],
    )

    expect(totalLoads(answered)).toBe(1)
    expect(answered.map(({ answered, values }) => ({ answered, values }))).toEqual(
      survivors.map(() => ({ answered: CALLERS, values: ['v'] })),
    )
  })
})
