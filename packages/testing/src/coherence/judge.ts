import { type Backwards, findBackwards } from './backwards.ts'
import type { Bounds } from './bounds.ts'
import { type Floor, type Floors, floorsOf } from './floors.ts'
import { type Hearing, hearingOf } from './hearing.ts'
import { eventsOf, type HistoryEvent, type Read } from './history.ts'

/** A read that was given an older version than was due. */
export interface StaleRead {
  readonly read: Read
  /** What it ignored. */
  readonly ignored: Floor
  /** `own`: the process had invalidated or written by itself. `others`: some other process had. */
  readonly owedBy: 'own' | 'others'
  /** How long after the acknowledgement it began, while its process ran. */
  readonly lagMs: number
}

/** Reads that were older than what had been acknowledged, as is allowed. */
export interface Allowance {
  count: number
  longestMs: number
}

/** What a history comes to. */
export interface Judgement {
  readonly stale: readonly StaleRead[]
  readonly backwards: readonly Backwards[]
  /** Reads that gave another key's value. */
  readonly foreign: readonly Read[]
  /** Reads of older versions while the news were on their way. */
  readonly following: Allowance
  /** Reads of older versions by processes that could not hear, within the grace. */
  readonly inGrace: Allowance
  /** Reads of processes that could hear and had declared nothing: for these nothing is excused. */
  readonly strict: number
}

/**
 * Judges a history. Pure: the same events give the same judgement, whatever their order.
 *
 * A read that began after an invalidation was acknowledged must not give an older version than was
 * committed when that began. Of other processes' invalidations it may be told `followMs` later, and
 * `graceMs` later where its process could not hear of them. Time in which a process did not run does
 * not count. Once it says that it hears again it has dropped what it had missed. Of its own ones it
 * knows at once.
 */
export function judge(history: readonly HistoryEvent[], bounds: Bounds): Judgement {
  const floors = floorsOf(history)
  const hearing = hearingOf(history, bounds)
  const reads = eventsOf(history, 'read')
  const stale: StaleRead[] = []
  const following = { count: 0, longestMs: 0 }
  const inGrace = { count: 0, longestMs: 0 }
  let strict = 0
  for (const read of reads) {
    const heard = hearing(read.process)
    if (!heard.deaf.overlaps(read.begin, read.begin)) strict += 1
    const opinion = judgeRead(read, floors, heard, bounds)
    if (opinion === undefined) continue
    if (opinion.kind === 'stale') stale.push(opinion.stale)
    else note(opinion.kind === 'following' ? following : inGrace, opinion.lagMs)
  }
  return {
    stale,
    backwards: findBackwards(history, reads, hearing),
    foreign: reads.filter(({ key, valueKey }) => valueKey !== undefined && valueKey !== key),
    following,
    inGrace,
    strict,
  }
}

type Opinion =
  | { kind: 'stale'; stale: StaleRead }
  | { kind: 'following' | 'inGrace'; lagMs: number }

/** What is wrong with a read, or what has to be excused; `undefined` when it is as new as can be. */
function judgeRead(
  read: Read,
  floors: Floors,
  { deaf, asleep, heardSince }: Hearing,
  { followMs, graceMs, slackMs }: Bounds,
): Opinion | undefined {
  const { process, key, version, begin } = read
  if (version === undefined) return undefined
  for (const ignored of floors.forOwn(process, key).ignored(version, begin)) {
    const stale: StaleRead = { read, ignored, owedBy: 'own', lagMs: begin - ignored.at }
    return { kind: 'stale', stale }
  }
  let excused: Opinion | undefined
  for (const ignored of floors.forAll(key).ignored(version, begin)) {
    const lagMs = asleep.outside(ignored.at, begin)
    const isDeaf = deaf.overlaps(ignored.at, begin)
    const isDropped = ignored.at < heardSince(begin)
    if (!isDropped && lagMs <= (isDeaf ? graceMs + slackMs : followMs)) {
      excused ??= { kind: isDeaf ? 'inGrace' : 'following', lagMs }
    } else {
      return { kind: 'stale', stale: { read, ignored, owedBy: 'others', lagMs } }
    }
  }
  return excused
}

function note(allowance: Allowance, lagMs: number): void {
  allowance.count += 1
  allowance.longestMs = Math.max(allowance.longestMs, lagMs)
}
