import type { Hearing } from './hearing.ts'
import { eventsOf, type HistoryEvent, type Load, type Read } from './history.ts'

/** A process was given a version of a key, and later an older one. */
export interface Backwards {
  readonly earlier: Read
  readonly later: Read
}

/**
 * Finds processes in which versions ran backwards though they had declared no outage.
 *
 * What came straight from a load says nothing of the cache: the load may have been refused, for its
 * lease was lost, and the cache hold the version that is valid until the newer one's invalidation.
 */
export function findBackwards(
  history: readonly HistoryEvent[],
  reads: readonly Read[],
  hearing: (process: string) => Hearing,
): Backwards[] {
  const isLoaded = loadedReads(eventsOf(history, 'load'))
  const byKey = groupBy(reads, ({ process, key }) => `${process} ${key}`)
  return [...byKey.values()].flatMap((line) => {
    const { declared } = hearing((line[0] as Read).process)
    return findInLine(line, declared, isLoaded)
  })
}

function findInLine(
  reads: readonly Read[],
  declared: Hearing['declared'],
  isLoaded: (read: Read) => boolean,
): Backwards[] {
  const found: Backwards[] = []
  const byBegin = [...reads].sort((one, other) => one.begin - other.begin)
  const byEnd = [...reads].sort((one, other) => one.end - other.end)
  let ended = 0
  let outageEnd = Number.NEGATIVE_INFINITY
  let newest: Read | undefined
  for (const later of byBegin) {
    const lastEnd = declared.lastEnd(later.end)
    if (lastEnd > outageEnd) {
      outageEnd = lastEnd
      newest = undefined
    }
    for (; (byEnd[ended]?.end ?? Number.POSITIVE_INFINITY) < later.begin; ended += 1) {
      const earlier = byEnd[ended] as Read
      const counts = earlier.begin > outageEnd && earlier.version !== undefined
      if (counts && versionOf(earlier) > versionOf(newest) && !isLoaded(earlier)) newest = earlier
    }
    if (newest === undefined || later.version === undefined || later.begin <= outageEnd) continue
    if (later.version < versionOf(newest)) found.push({ earlier: newest, later })
  }
  return found
}

function versionOf(read: Read | undefined): number {
  return read?.version ?? Number.NEGATIVE_INFINITY
}

/** Tells reads that a load of the same process may have answered. */
export function loadedReads(loads: readonly Load[]): (read: Read) => boolean {
  const byVersion = groupBy(loads, ({ process, key, version }) => `${process} ${key} ${version}`)
  return ({ process, key, version, begin, end }) =>
    (byVersion.get(`${process} ${key} ${version}`) ?? []).some(
      (load) => load.end >= begin && load.begin <= end,
    )
}

function groupBy<T>(items: readonly T[], idOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const id = idOf(item)
    const group = groups.get(id)
    if (group === undefined) groups.set(id, [item])
    else group.push(item)
  }
  return groups
}
