import type { HistoryEvent, Read } from './history.ts'
import { placeOf } from './history.ts'

const AROUND_MS = 300
const MOST_EVENTS = 60

/**
 * What happened to one key and its process around two events: from a little before the first to the
 * end of the second. Events of the key, and what was done to or declared by the process.
 */
export function formatEvents(
  history: readonly HistoryEvent[],
  startMs: number,
  [first, read]: readonly [HistoryEvent & { begin: number }, Read],
): string {
  const from = first.begin - AROUND_MS
  const shown = history.filter(
    (event) => endOf(event) >= from && beginOf(event) <= read.end && concerns(event, read),
  )
  const lines = shown
    .sort((one, other) => beginOf(one) - beginOf(other))
    .map((event) => {
      const mark = event === read || event === first ? '>' : ' '
      return `${mark} ${formatEvent(event, startMs)}`
    })
  if (lines.length <= MOST_EVENTS) return lines.join('\n')
  const half = MOST_EVENTS / 2
  const left = `  … ${lines.length - MOST_EVENTS} more …`
  return [...lines.slice(0, half), left, ...lines.slice(-half)].join('\n')
}

/** One event on a line: when, who, what. Moments in milliseconds since the run began. */
export function formatEvent(event: HistoryEvent, startMs: number): string {
  const ms = (at: number): string => (at - startMs).toFixed(1)
  const when = 'at' in event ? ms(event.at) : `${ms(event.begin)}..${ms(event.end)}`
  const who = 'process' in event ? event.process : ''
  return `${when.padStart(20)}  ${who.padEnd(9)} ${describe(event)}`
}

function describe(event: HistoryEvent): string {
  switch (event.kind) {
    case 'read':
      return `${event.sort} ${event.key} gave ${event.version ?? 'nothing'}`
    case 'load':
      return `loaded ${event.key}, version ${event.version}`
    case 'commit':
      return `committed ${event.key}, version ${event.version}`
    case 'write':
      return `set ${event.key} to version ${event.version}`
    case 'invalidation':
      return `${event.sort} ${event.keys.length > 8 ? 'of all' : event.keys.join(' ')}: ${event.applied} (#${event.id})`
    case 'replayed':
      return `its queue is empty (up to #${event.upTo})`
    case 'hearing':
      return event.isHearing ? 'hears of others’ writes' : 'does not hear of others’ writes'
    case 'link':
      return event.isUp ? 'reaches Redis' : 'does not reach Redis'
    case 'asleep':
      return 'did not run'
    case 'fault':
      return `FAULT ${event.name}${event.place === undefined ? '' : ` at p${event.place}`}`
    case 'failure':
      return `${event.what} rejected: ${event.message}`
    case 'started':
    case 'ended':
      return event.kind
  }
}

function concerns(event: HistoryEvent, read: Read): boolean {
  switch (event.kind) {
    case 'fault':
      return event.place === undefined || `p${event.place}` === placeOf(read.process)
    case 'read':
      return event.key === read.key && event.process === read.process
    case 'load':
    case 'commit':
    case 'write':
      return event.key === read.key
    case 'invalidation':
      return event.keys.includes(read.key)
    case 'failure':
      return event.process === read.process
    default:
      return event.process === read.process
  }
}

function beginOf(event: HistoryEvent): number {
  return 'at' in event ? event.at : event.begin
}

function endOf(event: HistoryEvent): number {
  return 'at' in event ? event.at : event.end
}
