import { afterAll, describe, expect, it } from 'vitest'
import { createCity } from '../../src/caches/city.ts'
import { createMemoryLineup } from '../../src/caches/lineup.ts'

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
