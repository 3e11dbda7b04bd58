import { describe, expect, it } from 'vitest'
import { findOrphans } from '../../src/coherence/orphans.ts'
import { Story } from './story.ts'

describe('A key is orphaned when nobody will tell of its newest version:', () => {
  it('its committer was killed before it did', () => {
    const story = new Story('p0.0').changes('p0.0', 'k', 2, 1_000).commits('p0.0', 'k', 3, 2_000)

    expect(findOrphans(story.events, { k: 3 })).toEqual(['k'])
  })

  it('the commit itself was not told of any more', () => {
    const story = new Story('p0.0').changes('p0.0', 'k', 2, 1_000)

    expect(findOrphans(story.events, { k: 3 })).toEqual(['k'])
  })

  it('the process that has it in its queue has ended', () => {
    const alive = new Story('p0.0').changes('p0.0', 'k', 2, 1_000, 'queued')
    const ended = new Story('p0.0').changes('p0.0', 'k', 2, 1_000, 'queued').ends('p0.0', 2_000)

    expect(findOrphans(alive.events, { k: 2 })).toEqual([])
    expect(findOrphans(ended.events, { k: 2 })).toEqual(['k'])
  })

  it('not when it was invalidated everywhere, whoever has ended since', () => {
    const story = new Story('p0.0').changes('p0.0', 'k', 2, 1_000).ends('p0.0', 2_000)

    expect(findOrphans(story.events, { k: 2 })).toEqual([])
  })

  it('not when it was never written', () => {
    expect(findOrphans([], { k: 1 })).toEqual([])
  })
})
