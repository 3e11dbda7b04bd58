import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { HistoryEvent } from '../../src/coherence/history.ts'
import { judge } from '../../src/coherence/judge.ts'
import { Story } from './story.ts'

const BOUNDS = { followMs: 100, graceMs: 1_000, slackMs: 50 }
const PROCESSES = ['p0.0', 'p1.0', 'p2.0']
const KEYS = ['j', 'k', 'l']

interface Step {
  readonly process: string
  readonly key: string
  readonly isRead: boolean
}

const steps = fc.array(
  fc.record({
    process: fc.constantFrom(...PROCESSES),
    key: fc.constantFrom(...KEYS),
    isRead: fc.boolean(),
  }),
  { minLength: 1, maxLength: 60 },
)

/** What one atomic cache would do, a step every ten milliseconds; each key begins at version 1. */
function tell(taken: readonly Step[]): {
  story: Story
  versions: Map<string, number>
  endMs: number
} {
  const story = new Story(...PROCESSES)
  const versions = new Map(KEYS.map((key) => [key, 1]))
  taken.forEach(({ process, key, isRead }, index) => {
    const atMs = 1_000 + index * 10
    if (!isRead) versions.set(key, (versions.get(key) as number) + 1)
    const version = versions.get(key) as number
    if (isRead) story.reads(process, key, version, atMs)
    else story.changes(process, key, version, atMs)
  })
  return { story, versions, endMs: 1_000 + taken.length * 10 }
}

it('The judge finds nothing in what a single atomic cache would do', () => {
  fc.assert(
    fc.property(steps, (taken) => {
      const { stale, backwards, following } = judge(tell(taken).story.events, BOUNDS)

      expect([stale, backwards, following.count]).toEqual([[], [], 0])
    }),
  )
})

it('The judge finds the one read that is too old, in whichever process and of whichever key', () => {
  fc.assert(
    fc.property(
      steps,
      fc.constantFrom(...PROCESSES),
      fc.constantFrom(...KEYS),
      (taken, process, key) => {
        const { story, versions, endMs } = tell(taken)
        const newest = (versions.get(key) as number) + 1
        story.changes('p0.0', key, newest, endMs).reads(process, key, newest - 1, endMs + 200)

        const { stale } = judge(story.events, BOUNDS)

        expect(stale).toMatchObject([{ read: { process, key, version: newest - 1 } }])
      },
    ),
  )
})

it('The judge comes to the same whatever the order in which events are told', () => {
  const shuffled = steps.chain((taken) => {
    const { story, endMs } = tell(taken)
    story.changes('p0.0', 'k', 99, endMs).reads('p1.0', 'k', 98, endMs + 200)
    const { events } = story
    return fc
      .shuffledSubarray(events, { minLength: events.length })
      .map((again): [HistoryEvent[], HistoryEvent[]] => [events, again])
  })

  fc.assert(
    fc.property(shuffled, ([told, again]) => {
      const [one, other] = [told, again].map((events) => judge(events, BOUNDS))

      expect(other?.stale).toEqual(one?.stale)
      expect(other?.strict).toBe(one?.strict)
    }),
  )
})
