import { describe, expect, it } from 'vitest'
import { EVERYONE } from '../../src/coherence/history.ts'
import { type Judgement, judge } from '../../src/coherence/judge.ts'
import { Story } from './story.ts'

const BOUNDS = { followMs: 100, graceMs: 1_000, slackMs: 50 }

function verdictOn(story: Story): Judgement {
  return judge(story.events, BOUNDS)
}

function staleIn(story: Story): string[] {
  return verdictOn(story).stale.map(
    ({ read, ignored, owedBy }) =>
      `${read.process} ${read.key}=${read.version} of ${ignored.version} (${owedBy})`,
  )
}

describe('The judge of other processes’ invalidations', () => {
  it('finds a read that is older than what was acknowledged', () => {
    const story = new Story('p0.0', 'p1.0')
      .changes('p0.0', 'k', 2, 1_000)
      .reads('p1.0', 'k', 1, 1_200)

    expect(staleIn(story)).toEqual(['p1.0 k=1 of 2 (others)'])
  })

  it('accepts the newest version, newer ones and misses', () => {
    const story = new Story('p0.0', 'p1.0')
      .changes('p0.0', 'k', 2, 1_000)
      .reads('p1.0', 'k', 2, 1_200)
      .reads('p1.0', 'k', 3, 1_200)
      .reads('p1.0', 'k', undefined, 1_200)

    expect(staleIn(story)).toEqual([])
  })

  it('accepts an older version in a read that began before the acknowledgement', () => {
    const story = new Story('p0.0', 'p1.0')
      .changes('p0.0', 'k', 2, 1_000)
      .reads('p1.0', 'k', 1, 999)

    expect(staleIn(story)).toEqual([])
  })

  it('allows the news a round trip, and tells how long they took', () => {
    const story = new Story('p0.0', 'p1.0')
      .changes('p0.0', 'k', 2, 1_000)
      .reads('p1.0', 'k', 1, 1_060)

    expect(verdictOn(story)).toMatchObject({ stale: [], following: { count: 1, longestMs: 60 } })
  })

  it('asks for nothing of a commit that was never followed by an invalidation', () => {
    const story = new Story('p0.0', 'p1.0')
      .commits('p0.0', 'k', 2, 1_000)
      .reads('p1.0', 'k', 1, 9_000)

    expect(staleIn(story)).toEqual([])
  })

  it('holds an invalidation to the versions that were committed before it began, whoever did that', () => {
    const story = new Story('p0.0', 'p1.0', 'p2.0')
      .commits('p0.0', 'k', 2, 900)
      .invalidates('p1.0', ['j', 'k'], 1_000, 'everywhere', 'deleteByTag')
      .commits('p0.0', 'k', 3, 1_000)
      .reads('p2.0', 'k', 1, 1_200)
      .reads('p2.0', 'k', 2, 1_200)

    expect(staleIn(story)).toEqual(['p2.0 k=1 of 2 (others)'])
  })

  it('waits for a queued invalidation to be replayed', () => {
    const story = new Story('p0.0', 'p1.0')
      .changes('p0.0', 'k', 2, 1_000, 'queued')
      .reads('p1.0', 'k', 1, 3_000)
      .replays('p0.0', 4_000)
      .reads('p1.0', 'k', 1, 4_200)

    expect(staleIn(story)).toEqual(['p1.0 k=1 of 2 (others)'])
  })

  it('finds what a later invalidation makes stale where an earlier one is still excused', () => {
    const story = new Story('p0.0', 'p1.0')
      .breaks('stall', ['p1'], 900, 1_050)
      .changes('p0.0', 'k', 2, 1_000)
      .changes('p0.0', 'k', 3, 1_300)
      .reads('p1.0', 'k', 1, 1_500)

    expect(staleIn(story)).toEqual(['p1.0 k=1 of 3 (others)'])
  })
})

describe('The judge of a process that could not hear', () => {
  const stalled = (at: number): Story =>
    new Story('p0.0', 'p1.0')
      .breaks('stall', ['p1'], 900, 5_000)
      .changes('p0.0', 'k', 2, 1_000)
      .reads('p1.0', 'k', 1, at)

  it('excuses it for the grace and no longer', () => {
    expect(verdictOn(stalled(1_990))).toMatchObject({ stale: [], inGrace: { longestMs: 990 } })
    expect(staleIn(stalled(2_060))).toEqual(['p1.0 k=1 of 2 (others)'])
  })

  it('excuses nobody else', () => {
    const story = stalled(1_000).starts('p2.0').reads('p2.0', 'k', 1, 1_500)

    expect(staleIn(story)).toEqual(['p2.0 k=1 of 2 (others)'])
  })

  it('excuses what was declared, and the time in which a loss may go unnoticed', () => {
    const story = new Story('p0.0', 'p1.0')
      .changes('p0.0', 'k', 2, 1_000)
      .reads('p1.0', 'k', 1, 1_500)
      .isDeaf('p1.0', 1_900)
      .reads('p1.0', 'k', 1, 1_950)
      .hears('p1.0', 3_000)

    expect(verdictOn(story)).toMatchObject({ stale: [], inGrace: { count: 2 } })
  })

  it('excuses nothing of what it had missed when it heard again, and had to drop', () => {
    const story = new Story('p0.0', 'p1.0')
      .isDeaf('p1.0', 1_000)
      .changes('p0.0', 'k', 2, 1_100)
      .hears('p1.0', 1_200)
      .reads('p1.0', 'k', 1, 1_201)

    expect(staleIn(story)).toEqual(['p1.0 k=1 of 2 (others)'])
  })

  it('excuses nothing once it hears again', () => {
    const story = new Story('p0.0', 'p1.0')
      .isDeaf('p1.0', 1_000)
      .hears('p1.0', 1_200)
      .changes('p0.0', 'k', 2, 1_400)
      .reads('p1.0', 'k', 1, 1_600)

    expect(staleIn(story)).toEqual(['p1.0 k=1 of 2 (others)'])
  })

  it('takes a process for deaf until it says that it hears, unless it never says anything', () => {
    const told = new Story('p0.0')
    told.events.push({ kind: 'started', process: 'p1.0', at: 0, declares: true, lacks: [] })
    const untold = new Story('p0.0').starts('p1.0', false)
    for (const story of [told, untold]) story.changes('p0.0', 'k', 2, 1_000)

    expect(staleIn(told.reads('p1.0', 'k', 1, 1_500))).toEqual([])
    expect(staleIn(untold.reads('p1.0', 'k', 1, 1_500))).toEqual(['p1.0 k=1 of 2 (others)'])
  })

  it('does not count the time in which it did not run', () => {
    const asleep = (name: string, at: number): Story =>
      new Story('p0.0', 'p1.0')
        .changes('p0.0', 'k', 2, 1_000)
        .sleeps(name, 1_010, 6_000)
        .reads('p1.0', 'k', 1, at)

    expect(staleIn(asleep('p1.0', 6_050))).toEqual([])
    expect(staleIn(asleep('p1.0', 7_100))).toEqual(['p1.0 k=1 of 2 (others)'])
    expect(staleIn(asleep(EVERYONE, 6_050))).toEqual([])
    expect(staleIn(asleep('p0.0', 6_050))).toEqual(['p1.0 k=1 of 2 (others)'])
  })

  it('excuses for the grace what it kept while Redis was away', () => {
    const story = (at: number): Story =>
      new Story('p0.0', 'p1.0')
        .link('p1.0', false, 1_000)
        .link('p1.0', true, 2_000)
        .changes('p0.0', 'k', 2, 2_100)
        .reads('p1.0', 'k', 1, at)

    expect(staleIn(story(2_900))).toEqual([])
    expect(staleIn(story(3_200))).toEqual(['p1.0 k=1 of 2 (others)'])
  })
})

describe('The judge of a process’s own doing', () => {
  it.each(['everywhere', 'queued', 'local'] as const)('excuses nothing (%s)', (applied) => {
    const story = new Story('p0.0', 'p1.0')
      .isDeaf('p0.0', 900)
      .changes('p0.0', 'k', 2, 1_000, applied)
      .reads('p0.0', 'k', 1, 1_001)

    expect(staleIn(story)).toEqual(['p0.0 k=1 of 2 (own)'])
  })

  it('counts a write for who wrote', () => {
    const story = new Story('p0.0', 'p1.0')
      .commits('p0.0', 'k', 2, 998)
      .writes('p0.0', 'k', 2, 1_000)
      .reads('p0.0', 'k', 1, 1_500)
      .reads('p1.0', 'k', 1, 1_500)

    expect(staleIn(story)).toEqual(['p0.0 k=1 of 2 (own)'])
  })

  it('ends with the process: who takes its place has done nothing yet', () => {
    const story = new Story('p0.0')
      .changes('p0.0', 'k', 2, 1_000, 'queued')
      .starts('p0.1')
      .reads('p0.1', 'k', 1, 1_500)

    expect(staleIn(story)).toEqual([])
  })
})

describe('The judge of versions that run backwards', () => {
  it('finds them, though no invalidation was acknowledged', () => {
    const story = new Story('p0.0').reads('p0.0', 'k', 2, 1_000).reads('p0.0', 'k', 1, 1_100)

    expect(verdictOn(story).backwards).toMatchObject([
      { earlier: { version: 2 }, later: { version: 1 } },
    ])
  })

  it.each([
    [
      'in different processes',
      new Story('p0.0', 'p0.1').reads('p0.0', 'k', 2, 1_000).reads('p0.1', 'k', 1, 1_100),
    ],
    [
      'of different keys',
      new Story('p0.0').reads('p0.0', 'k', 2, 1_000).reads('p0.0', 'j', 1, 1_100),
    ],
    [
      'in reads at one time',
      new Story('p0.0').reads('p0.0', 'k', 2, 1_000).reads('p0.0', 'k', 1, 1_000.5),
    ],
    [
      'in a declared outage',
      new Story('p0.0')
        .isDeaf('p0.0', 900)
        .reads('p0.0', 'k', 2, 1_000)
        .reads('p0.0', 'k', 1, 1_100),
    ],
    [
      'over a declared outage',
      new Story('p0.0')
        .reads('p0.0', 'k', 2, 1_000)
        .link('p0.0', false, 1_100)
        .link('p0.0', true, 1_200)
        .reads('p0.0', 'k', 1, 4_000),
    ],
    [
      'after a load that may have been refused',
      new Story('p0.0')
        .loads('p0.0', 'k', 2, 900, 1_000)
        .reads('p0.0', 'k', 2, 1_000)
        .reads('p0.0', 'k', 1, 1_100),
    ],
  ])('accepts them %s', (_, story) => {
    expect(verdictOn(story).backwards).toEqual([])
  })

  it('finds them after an outage that lay before', () => {
    const story = new Story('p0.0')
      .isDeaf('p0.0', 2_000)
      .hears('p0.0', 2_100)
      .reads('p0.0', 'k', 2, 3_000)
      .reads('p0.0', 'k', 1, 3_100)

    expect(verdictOn(story).backwards).toHaveLength(1)
  })
})

it('The judge finds a value that belongs to another key', () => {
  const story = new Story('p0.0').reads('p0.0', 'k', 1, 1_000, 'j').reads('p0.0', 'k', 1, 1_000)

  expect(verdictOn(story).foreign).toHaveLength(1)
})

it('The judge counts the reads for which nothing is excused', () => {
  const story = new Story('p0.0')
    .isDeaf('p0.0', 2_000)
    .reads('p0.0', 'k', 1, 500)
    .reads('p0.0', 'k', 1, 2_500)

  expect(verdictOn(story).strict).toBe(1)
})
