import { floorsOf } from './floors.ts'
import { eventsOf, type HistoryEvent } from './history.ts'
import type { Versions } from './protocol.ts'

/**
 * Keys whose newest version nobody is going to tell the cache of: the process that committed it was
 * killed before it did, or with the invalidation in its queue. A real application repairs this by
 * the database's own news, or by its ttl.
 */
export function findOrphans(history: readonly HistoryEvent[], newest: Versions): string[] {
  const floors = floorsOf(history)
  const ended = new Set(eventsOf(history, 'ended').map(({ process }) => process))
  const alive = eventsOf(history, 'started')
    .map(({ process }) => process)
    .filter((process) => !ended.has(process))
  return Object.keys(newest).filter((key) => {
    const owed = [floors.forAll(key), ...alive.map((process) => floors.forOwn(process, key))]
    // Version 1 was there before anybody cached anything.
    return Math.max(1, ...owed.map(({ last }) => last)) < (newest[key] as number)
  })
}
