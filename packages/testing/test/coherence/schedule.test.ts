import { describe, expect, it } from 'vitest'
import { aimOf, FAULT_NAMES, isTimed } from '../../src/coherence/fault-names.ts'
import { type PlannedFault, planFaults } from '../../src/coherence/schedule.ts'

const TIMED = FAULT_NAMES.filter(isTimed)
const REQUEST = { seed: 7, names: FAULT_NAMES, places: 4, fromMs: 1_000, toMs: 57_000 }

function thingOf({ name, place }: PlannedFault): string {
  return place === undefined ? 'redis' : `${aimOf(name)} ${place}`
}

describe('A schedule of faults', () => {
  it('is the same for the same seed and another for another', () => {
    expect(planFaults(REQUEST)).toEqual(planFaults(REQUEST))
    expect(planFaults({ ...REQUEST, seed: 8 })).not.toEqual(planFaults(REQUEST))
  })

  it.each([1, 2, 3, 4, 5])('has every fault in a minute (seed %d)', (seed) => {
    const names = planFaults({ ...REQUEST, seed }).map(({ name }) => name)

    expect(new Set(names)).toEqual(new Set(TIMED))
  })

  it.each([1, 2, 3, 4, 5])('breaks nothing that is broken already (seed %d)', (seed) => {
    const last = new Map<string, number>()
    for (const planned of planFaults({ ...REQUEST, seed })) {
      const thing = thingOf(planned)
      expect(planned.atMs).toBeGreaterThanOrEqual(last.get(thing) ?? 0)
      last.set(thing, planned.atMs + planned.forMs)
    }
  })

  it('begins and ends within the time given', () => {
    for (const { atMs, forMs } of planFaults(REQUEST)) {
      expect(atMs).toBeGreaterThanOrEqual(REQUEST.fromMs)
      expect(atMs + forMs).toBeLessThanOrEqual(REQUEST.toMs)
    }
  })

  it('aims at processes that there are, and at none where it means Redis', () => {
    for (const { name, place } of planFaults({ ...REQUEST, places: 2 })) {
      expect(aimOf(name) === 'redis' ? [undefined] : [0, 1]).toContain(place)
    }
  })

  it('is empty when nothing is to be broken for a while', () => {
    expect(planFaults({ ...REQUEST, names: [] })).toEqual([])
    expect(planFaults({ ...REQUEST, names: ['clock-skew'] })).toEqual([])
  })
})
