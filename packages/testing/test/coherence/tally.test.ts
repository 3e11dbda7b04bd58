import { describe, expect, it } from 'vitest'
import { DEFAULT_BOUNDS } from '../../src/coherence/bounds.ts'
import { judge } from '../../src/coherence/judge.ts'
import { findShortcomings } from '../../src/coherence/shortcomings.ts'
import { tallyOf } from '../../src/coherence/tally.ts'
import { Story } from './story.ts'

describe('A tally', () => {
  it('counts operations, a getMany once for all its keys', () => {
    const story = new Story('p0.0')
      .reads('p0.0', 'k', 1, 1_000)
      .readsMany('p0.0', ['k', 'j'], 1, 1_100)
      .changes('p0.0', 'k', 2, 1_200)
      .writes('p0.0', 'k', 2, 1_300)

    expect(Object.fromEntries(tallyOf(story.events).operations)).toEqual({
      getOrSet: 1,
      getMany: 1,
      delete: 1,
      set: 1,
    })
  })

  it('takes for hits what no load of the process can have answered', () => {
    const story = new Story('p0.0', 'p1.0')
      .loads('p0.0', 'k', 1, 1_000, 1_001)
      .reads('p0.0', 'k', 1, 1_000)
      .reads('p0.0', 'k', 1, 1_100)
      .reads('p1.0', 'k', 1, 1_000)
      .reads('p1.0', 'k', undefined, 1_000)

    expect(tallyOf(story.events)).toMatchObject({ reads: 3, misses: 1, hits: 2, loads: 1 })
  })

  it('counts the loads whose version was invalidated before they ended', () => {
    const story = new Story('p0.0')
      .loads('p0.0', 'k', 1, 900, 1_100)
      .loads('p0.0', 'k', 2, 900, 1_100)
      .loads('p0.0', 'k', 1, 900, 950)
      .changes('p0.0', 'k', 2, 1_000)

    expect(tallyOf(story.events).overtaken).toBe(1)
  })
})

describe('A run that did too little', () => {
  it('is told from one that proves something', () => {
    const events = new Story('p0.0').reads('p0.0', 'k', 1, 1_000).events
    const demands = { seconds: 10, processes: 2, faults: ['drop'] as const, lacks: ['expire'] }

    const found = findShortcomings(tallyOf(events), judge(events, DEFAULT_BOUNDS), demands)

    expect(found).toContain('calls of clear: found 0, wanted 1 or more')
    expect(found).toContain('reads: found 1, wanted 400 or more')
    expect(found).toContain('loads overtaken: found 0, wanted 2 or more')
    expect(found).toContain('faults drop: found 0, wanted 1 or more')
    expect(found.join()).not.toContain('expire')
  })
})
