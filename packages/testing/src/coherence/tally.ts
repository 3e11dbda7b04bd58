import { loadedReads } from './backwards.ts'
import { floorsOf } from './floors.ts'
import { eventsOf, type HistoryEvent } from './history.ts'

/** What was done in a run, counted. */
export interface Tally {
  /** Operations by sort. A key of a `getMany` is not one. */
  readonly operations: ReadonlyMap<string, number>
  /** Keys that were read and found. */
  readonly reads: number
  readonly misses: number
  /** Those that no load of the same process may have answered. */
  readonly hits: number
  readonly loads: number
  /** Loads that had read a version when the invalidation of it was acknowledged: the dangerous ones. */
  readonly overtaken: number
  readonly commits: number
  readonly invalidations: number
  readonly queued: number
  readonly faults: ReadonlyMap<string, number>
  readonly slowestReadMs: number
  /** Messages of calls that rejected. */
  readonly failures: ReadonlyMap<string, number>
}

/** Counts what happened in a history. */
export function tallyOf(history: readonly HistoryEvent[]): Tally {
  const reads = eventsOf(history, 'read')
  const loads = eventsOf(history, 'load')
  const invalidations = eventsOf(history, 'invalidation')
  const isLoaded = loadedReads(loads)
  const found = reads.filter(({ version }) => version !== undefined)
  const floors = floorsOf(history)
  const isOvertaken = (load: (typeof loads)[number]): boolean => {
    const [floor] = floors.forAll(load.key).ignored(load.version, load.end)
    return floor !== undefined && floor.at > load.begin
  }
  return {
    operations: countOperations(history),
    reads: found.length,
    misses: reads.length - found.length,
    hits: found.filter((read) => !isLoaded(read)).length,
    loads: loads.length,
    overtaken: loads.filter(isOvertaken).length,
    commits: eventsOf(history, 'commit').length,
    invalidations: invalidations.length,
    queued: invalidations.filter(({ applied }) => applied === 'queued').length,
    faults: countBy(eventsOf(history, 'fault'), ({ name }) => name),
    slowestReadMs: reads.reduce((most, { begin, end }) => Math.max(most, end - begin), 0),
    failures: countBy(eventsOf(history, 'failure'), ({ what, message }) => `${what}: ${message}`),
  }
}

function countOperations(history: readonly HistoryEvent[]): Map<string, number> {
  const reads = eventsOf(history, 'read')
  const single = countBy(
    reads.filter(({ sort }) => sort !== 'getMany'),
    ({ sort }) => sort,
  )
  const bulk = new Set(
    reads
      .filter(({ sort }) => sort === 'getMany')
      .map(({ process, begin, end }) => `${process} ${begin} ${end}`),
  )
  const writes = countBy(eventsOf(history, 'invalidation'), ({ sort }) => sort)
  return new Map([
    ...single,
    ['getMany', bulk.size],
    ...writes,
    ['set', eventsOf(history, 'write').length],
  ])
}

function countBy<T>(items: readonly T[], nameOf: (item: T) => string): Map<string, number> {
  const counts = new Map<string, number>()
  for (const item of items) {
    const name = nameOf(item)
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  return counts
}
