import { SeededRandom } from '@hotpath/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Entry } from '../../src/cache/entry.ts'
import { isInside } from '../../src/cache/fences.ts'
import { internalKey } from '../../src/cache/keys.ts'
import { LocalCounters } from '../../src/cache/local-counters.ts'
import { judgeByTag, type Stamp } from '../../src/cache/stamp.ts'

const lifetime = { ttlMs: 1, staleWhileRevalidateMs: 0, staleIfErrorMs: 0 }

function entryOf(stamp: Stamp, tags: readonly string[]): Entry {
  return new Entry('v', 1, tags, stamp, lifetime, 0)
}

interface Kind {
  /** A copy of Redis's counters, which knows nothing of a tag that it has no record of. */
  isCopy?: boolean
  mostTags?: number
}

function createCounters({ isCopy = false, mostTags }: Kind = {}): LocalCounters {
  return new LocalCounters(new SeededRandom(), isCopy, mostTags)
}

/** A path and those around it, outermost first. */
function pathsOf(path: string): string[] {
  const parts = path.split('/').slice(1)
  return ['', ...parts.map((_, index) => `/${parts.slice(0, index + 1).join('/')}`)]
}

type Step =
  | { do: 'begin'; load: number; path: string; tags: string[] }
  | { do: 'store'; load: number }
  | { do: 'deleteTag' | 'expireTag'; tag: string }
  | { do: 'clear'; path: string }

interface ModelledLoad {
  path: string
  tags: string[]
  stamp: Stamp
  isDeleted: boolean
  isExpired: boolean
  isStored: boolean
  /** Nothing but an invalidation of its own can make it invalid. */
  isCertain: boolean
}

const anyPath = fc.constantFrom('', '/a', '/a/b', '/c')
const anyTag = fc.constantFrom('s', 't', 'u')
const anyLoad = fc.nat(5)
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constant('begin' as const),
    load: anyLoad,
    path: anyPath,
    tags: fc.uniqueArray(anyTag, { maxLength: 2 }),
  }),
  fc.record({ do: fc.constant('store' as const), load: anyLoad }),
  fc.record({ do: fc.constantFrom('deleteTag' as const, 'expireTag' as const), tag: anyTag }),
  fc.record({ do: fc.constant('clear' as const), path: anyPath }),
)

/** What the counters must say, kept the plain way: each invalidation visits all loads. */
class Model {
  readonly counters: LocalCounters
  readonly loads = new Map<number, ModelledLoad>()
  readonly #kind: Kind

  constructor(kind: Kind) {
    this.#kind = kind
    this.counters = createCounters(kind)
  }

  take(step: Step): void {
    if (step.do === 'begin') this.#begin(step)
    else if (step.do === 'store') this.#store(step.load)
    else if (step.do === 'clear') this.#clear(step.path)
    else this.#invalidate(step.do, step.tag)
  }

  check(): void {
    for (const { path, tags, stamp, ...load } of this.loads.values()) {
      if (!load.isStored) continue
      const verdict = this.counters.judge(entryOf(stamp, tags), pathsOf(path))
      const isServable = verdict === 'valid' || verdict === 'stale'
      if (isServable && load.isExpired) expect(verdict).toBe('stale')
      if (isServable && load.isCertain) expect(verdict).toBe(load.isExpired ? 'stale' : 'valid')
      if (load.isDeleted) expect(isServable).toBe(false)
      else if (load.isCertain) expect(isServable).toBe(true)
    }
  }

  #begin({ load, path, tags }: Step & { do: 'begin' }): void {
    const stamp = this.counters.stamp(pathsOf(path))
    const isCertain = this.#kind.mostTags === undefined
    const flags = { isDeleted: false, isExpired: false, isStored: false, isCertain }
    this.loads.set(load, { path, tags, stamp, ...flags })
  }

  #store(id: number): void {
    const load = this.loads.get(id)
    if (load === undefined) return
    load.isStored = true
  }

  #clear(path: string): void {
    this.counters.clear(path)
    for (const load of this.loads.values()) if (isInside(load.path, path)) load.isDeleted = true
  }

  #invalidate(kind: 'deleteTag' | 'expireTag', tag: string): void {
    this.counters[kind](tag)
    for (const load of this.loads.values()) {
      if (!load.tags.includes(tag)) continue
      if (kind === 'deleteTag') load.isDeleted = true
      else load.isExpired = true
    }
  }
}

describe('LocalCounters', () => {
  const kinds: [name: string, kind: Kind][] = [
    ['as the only ones', {}],
    ['when most tags are forgotten', { mostTags: 1 }],
  ]

  it.each(kinds)('tells what was invalidated since its load began, %s', (_, kind) => {
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 40 }), (steps) => {
        const model = new Model(kind)

        for (const step of steps) {
          model.take(step)
          model.check()
        }
      }),
      { numRuns: 300 },
    )
  })

  it("as a copy of Redis's, knows nothing of a deleted tag until Redis has told", () => {
    const counters = createCounters({ isCopy: true })
    counters.learnEra('', 'era')
    counters.learnTag('t', { deleted: 3, expired: 3 })
    const [old, young] = [4, 9].map((epoch) => entryOf({ era: 'era', epoch }, ['t']))

    counters.deleteTag('t')
    const before = [old, young].map((entry) => counters.judge(entry as Entry, ['']))
    counters.learnTag('t', { deleted: 5, expired: 3 })
    const after = [old, young].map((entry) => counters.judge(entry as Entry, ['']))

    expect(before).toEqual(['unknown', 'unknown'])
    expect(after).toEqual(['invalid', 'valid'])
  })

  it("as a copy of Redis's, takes all that carries an expired tag for stale until Redis has told", () => {
    const counters = createCounters({ isCopy: true })
    counters.learnEra('', 'era')
    counters.learnTag('t', { deleted: 3, expired: 3 })
    const [old, young] = [4, 9].map((epoch) => entryOf({ era: 'era', epoch }, ['t']))

    counters.expireTag('t')
    const before = [old, young].map((entry) => counters.judge(entry as Entry, ['']))
    counters.learnTag('t', { deleted: 3, expired: 5 })
    const after = [old, young].map((entry) => counters.judge(entry as Entry, ['']))

    expect(before).toEqual(['stale', 'stale'])
    expect(after).toEqual(['stale', 'valid'])
  })

  it('moves its revision with every invalidation', () => {
    const counters = createCounters()
    const revisions = [counters.revision]

    for (const invalidate of [
      () => counters.deleteTag('t'),
      () => counters.expireTag('t'),
      () => counters.clear('/a'),
      () => counters.forgetTag('t'),
      () => counters.forgetAll(),
    ]) {
      invalidate()
      revisions.push(counters.revision)
    }

    expect(new Set(revisions).size).toBe(6)
  })

  it("as a copy of Redis's, moves its revision with every other name of an era, and with none that is new", () => {
    const counters = createCounters({ isCopy: true })
    const revisions = [counters.revision]

    for (const era of ['first', 'first', 'other']) {
      counters.learnEra('', era)
      revisions.push(counters.revision)
    }

    expect(revisions).toEqual([0, 0, 0, 1])
  })

  it("as a copy of Redis's, moves its revision when a name has no more room", () => {
    const counters = createCounters({ isCopy: true })
    counters.learnEra('', 'forgotten')

    for (let index = 0; index < 10_000; index += 1) counters.learnEra(`/${index}`, 'era')

    expect(counters.revision).toBe(1)
    expect(counters.judge(entryOf({ era: 'forgotten', epoch: 0 }, []), [''])).toBe('unknown')
  })

  it('takes a tag for valid that was never invalidated', () => {
    const counters = createCounters()
    const entry = entryOf(counters.stamp(['']), ['t'])

    expect(counters.judge(entry, [''])).toBe('valid')
  })

  it("as a copy of Redis's, knows nothing of a tag that has no record: missing means invalid", () => {
    const counters = createCounters({ isCopy: true })
    counters.learnEra('', 'era')

    expect(counters.judge(entryOf({ era: 'era', epoch: 4 }, ['t']), [''])).toBe('unknown')
  })

  it('is bounded: what is older than an invalidation that was pushed out is never valid', () => {
    const counters = createCounters()
    const entry = entryOf(counters.stamp(['']), ['first'])
    counters.deleteTag('first')
    const young = entryOf(counters.stamp(['']), ['first'])

    for (let index = 0; index < 100_000; index += 1) counters.deleteTag(`tag-${index}`)

    expect(counters.judge(entry, [''])).toBe('invalid')
    expect(counters.judge(young, [''])).toBe('valid')
    expect(counters.judge(entryOf(entry.stamp, ['other']), [''])).toBe('invalid')
  })

  it('is bounded in namespaces as well', () => {
    const counters = createCounters()
    const paths = ['', '/first']
    const entry = entryOf(counters.stamp(paths), [])

    for (let index = 0; index < 10_000; index += 1) counters.stamp(['', `/other-${index}`])

    expect(counters.judge(entry, paths)).not.toBe('valid')
  })

  it('forgets a long tag by the short name that Redis has for it', () => {
    const counters = createCounters({ isCopy: true })
    const tag = 't'.repeat(600)
    counters.learnEra('', 'era')
    counters.learnTag(tag, { deleted: 3, expired: 3 })
    const entry = entryOf({ era: 'era', epoch: 4 }, [tag])

    counters.forgetTag(internalKey(tag))

    expect(counters.judge(entry, [''])).toBe('unknown')
  })
})

describe('judgeByTag()', () => {
  it.each([
    [5, { deleted: 5, expired: 5 }, 'valid'],
    [5, { deleted: 6, expired: 5 }, 'invalid'],
    [5, { deleted: 5, expired: 6 }, 'stale'],
    [5, { deleted: 6, expired: 6 }, 'invalid'],
  ])('an entry of epoch %d by %o: %s', (epoch, record, verdict) => {
    expect(judgeByTag(epoch, record)).toBe(verdict)
  })
})
