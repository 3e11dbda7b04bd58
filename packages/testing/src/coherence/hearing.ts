import type { Bounds } from './bounds.ts'
import {
  type Asleep,
  EVERYONE,
  eventsOf,
  type Fault,
  type HistoryEvent,
  placeOf,
  type Span,
} from './history.ts'
import { Windows } from './windows.ts'

/** What may be expected of one process, and when. */
export interface Hearing {
  /** When it may not have heard of others' writes, by what it declared or was done to it. */
  readonly deaf: Windows
  /** When it had declared that it does not hear of others' writes, or that Redis is away. */
  readonly declared: Windows
  /** When it did not run. */
  readonly asleep: Windows
  /** When it last began to hear, by a moment: what it had missed it dropped then. */
  heardSince(at: number): number
}

/** Works out for each process when it could hear of what others wrote. */
export function hearingOf(
  history: readonly HistoryEvent[],
  bounds: Bounds,
): (process: string) => Hearing {
  const asleep = eventsOf(history, 'asleep')
  const faults = eventsOf(history, 'fault')
  const known = new Map<string, Hearing>()
  for (const { process, at, declares } of eventsOf(history, 'started')) {
    const spans = declares ? declaredSpans(history, process, at, bounds) : []
    const naps = asleep.filter((nap) => nap.process === process || nap.process === EVERYONE)
    known.set(process, {
      deaf: new Windows([...spans, ...deafSpans(process, naps, faults, bounds)]),
      declared: new Windows(spans),
      asleep: new Windows(naps),
      heardSince: lastOf(hearingAgain(history, process)),
    })
  }
  return (process) => known.get(process) ?? ALL_EARS
}

const ALL_EARS: Hearing = {
  deaf: new Windows([]),
  declared: new Windows([]),
  asleep: new Windows([]),
  heardSince: () => Number.NEGATIVE_INFINITY,
}

/**
 * A process is deaf until it says that it hears. When it notices a loss, it may have been deaf for
 * as long as a connection that is silent goes unnoticed, which is the grace. What it kept while
 * Redis was away, of which Redis knows nothing and tells no news, it may serve for the grace.
 */
function declaredSpans(
  history: readonly HistoryEvent[],
  process: string,
  startedAt: number,
  { graceMs, followMs }: Bounds,
): Span[] {
  const unheard = badSpans([
    { isGood: false, at: startedAt },
    ...eventsOf(history, 'hearing')
      .filter((event) => event.process === process)
      .map(({ isHearing, at }) => ({ isGood: isHearing, at })),
  ])
  const unlinked = badSpans(
    eventsOf(history, 'link')
      .filter((event) => event.process === process)
      .map(({ isUp, at }) => ({ isGood: isUp, at })),
  )
  return [
    ...unheard.map(({ begin, end }) => ({ begin: begin - graceMs, end: end + followMs })),
    ...unlinked.map(({ begin, end }) => ({ begin, end: end + graceMs + followMs })),
  ]
}

function hearingAgain(history: readonly HistoryEvent[], process: string): number[] {
  return eventsOf(history, 'hearing')
    .filter((event) => event.process === process && event.isHearing)
    .map(({ at }) => at)
    .sort((one, other) => one - other)
}

/** The last of some moments, in order, that is not after another. */
function lastOf(moments: readonly number[]): (at: number) => number {
  return (at) => moments.findLast((moment) => moment <= at) ?? Number.NEGATIVE_INFINITY
}

/** From each change for the worse to the next change for the better. */
function badSpans(changes: readonly { isGood: boolean; at: number }[]): Span[] {
  const spans: Span[] = []
  let begin: number | undefined
  for (const { isGood, at } of [...changes].sort((one, other) => one.at - other.at)) {
    if (!isGood) begin ??= at
    else if (begin !== undefined) {
      spans.push({ begin, end: at })
      begin = undefined
    }
  }
  return begin === undefined ? spans : [...spans, { begin, end: Number.POSITIVE_INFINITY }]
}

function deafSpans(
  process: string,
  naps: readonly Asleep[],
  faults: readonly Fault[],
  { followMs }: Bounds,
): Span[] {
  const place = placeOf(process)
  const hits = faults.filter(({ deafens }) => deafens.includes(place) || deafens.includes(EVERYONE))
  return [...naps, ...hits].map(({ begin, end }) => ({ begin, end: end + followMs }))
}
