import { type RedisServer, startRedis } from '@hotpath/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createCity } from '../../src/caches/city.ts'
import type { BulkContestant } from '../../src/caches/contestant.ts'
import { readConcurrently, readInBulk } from '../../src/caches/laps.ts'
import { createBulkLineup, createMemoryLineup } from '../../src/caches/lineup.ts'

describe('contestants in memory', () => {
  const contestants = createMemoryLineup({ takesTime: true })

  afterAll(() => Promise.all(contestants.map((contestant) => contestant.teardown())))

  for (const { name, source, hit } of contestants) {
    it(`${name} answers with the row, from the source once and then from memory`, async () => {
      const loaded = await hit('city:7')
      const cached = await hit('city:7')

      expect(loaded).toEqual(createCity(7))
      expect(cached).toEqual(createCity(7))
      expect(source.calls).toBe(1)
    })
  }
})

describe('contestants that read many keys in one call', () => {
  let server: RedisServer
  let contestants: BulkContestant[]

  beforeAll(async () => {
    server = await startRedis()
    contestants = createBulkLineup(server.url)
  })

  afterAll(async () => {
    await Promise.all(contestants.map((contestant) => contestant.teardown()))
    await server.stop()
  })

  it('all answer with the rows, and load nothing that is in Redis', async () => {
    for (const contestant of contestants) {
      const { source, hitMany, name } = contestant
      await readConcurrently(contestant, 1, 100)
      const loads = source.calls

      await readInBulk(contestant, 1, 100)
      const [row] = await hitMany(['city:7'])

      expect(row, name).toEqual(createCity(7))
      expect(source.calls, name).toBe(loads)
    }
  })
})
