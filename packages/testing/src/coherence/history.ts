/**
 * What happened in a run: one flat list of events from all processes, told in no particular order.
 *
 * Moments are those of {@link monotonicMs}, which all processes of a machine share. A process is
 * named for its place and how often it was started there: `p2.0`, then `p2.1` after it was killed.
 * Its place, `p2`, is what faults are aimed at.
 */
export type HistoryEvent =
  | Started
  | Ended
  | Read
  | Load
  | Commit
  | Write
  | Invalidation
  | Replayed
  | HearingChanged
  | LinkChanged
  | Asleep
  | Fault
  | Failure

/** From when to when, in milliseconds. */
export interface Span {
  readonly begin: number
  readonly end: number
}

export interface Started {
  readonly kind: 'started'
  readonly process: string
  readonly at: number
  /** Whether its cache tells when it does not hear of other processes' writes, and when it does. */
  readonly declares: boolean
  /** Ways of invalidating that its cache does not have. */
  readonly lacks: readonly InvalidationSort[]
}

export interface Ended {
  readonly kind: 'ended'
  readonly process: string
  readonly at: number
}

/** The ways of reading. */
export type ReadSort = 'getOrSet' | 'get' | 'getMany'

/** A key was read through the cache. */
export interface Read extends Span {
  readonly kind: 'read'
  readonly sort: ReadSort
  readonly process: string
  readonly key: string
  /** `undefined`: a miss, or a call that rejected. */
  readonly version: number | undefined
  /** The key that the value itself names. */
  readonly valueKey: string | undefined
}

/** A loader read the source of truth. */
export interface Load extends Span {
  readonly kind: 'load'
  readonly process: string
  readonly key: string
  readonly version: number
}

/** A version was committed in the source of truth. */
export interface Commit extends Span {
  readonly kind: 'commit'
  readonly process: string
  readonly key: string
  readonly version: number
}

/** A committed version was put into the cache. Nobody else writes that key meanwhile. */
export interface Write extends Span {
  readonly kind: 'write'
  readonly process: string
  readonly key: string
  readonly version: number
}

/** The ways of invalidating. */
export type InvalidationSort = 'delete' | 'deleteByTag' | 'expire' | 'clear'

/** What the cache answers to an invalidation. */
export type Applied = 'everywhere' | 'queued' | 'local'

/** Keys were invalidated, and the call has resolved. */
export interface Invalidation extends Span {
  readonly kind: 'invalidation'
  readonly sort: InvalidationSort
  readonly process: string
  /** Names it among those of its process. */
  readonly id: number
  readonly keys: readonly string[]
  readonly applied: Applied
}

/** Every invalidation of a process up to `upTo` that was queued has reached Redis. */
export interface Replayed {
  readonly kind: 'replayed'
  readonly process: string
  readonly upTo: number
  readonly at: number
}

/** The cache says that it lost, or has again, the way by which it hears of others' writes. */
export interface HearingChanged {
  readonly kind: 'hearing'
  readonly process: string
  readonly isHearing: boolean
  readonly at: number
}

/** The cache says that Redis went away or came back. */
export interface LinkChanged {
  readonly kind: 'link'
  readonly process: string
  readonly isUp: boolean
  readonly at: number
}

/**
 * A process did not run: it was stopped, or the machine had no time for it. `everyone`: it was the
 * one through which all others reach Redis.
 */
export interface Asleep extends Span {
  readonly kind: 'asleep'
  readonly process: string
}

/** Something was broken, and mended at `end`. */
export interface Fault extends Span {
  readonly kind: 'fault'
  readonly name: string
  /** What it was aimed at, unless all of Redis. */
  readonly place: number | undefined
  /** Places that may not have heard of writes meanwhile without knowing it. */
  readonly deafens: readonly string[]
}

/** A call rejected. */
export interface Failure {
  readonly kind: 'failure'
  readonly process: string
  readonly what: string
  readonly message: string
  readonly at: number
}

/** For {@link Asleep.process} and {@link Fault.deafens}: whoever there is. */
export const EVERYONE = 'everyone'

/** The place of a process: `p2` of `p2.1`. */
export function placeOf(process: string): string {
  return process.split('.', 1)[0] as string
}

/** The events of one kind. */
export function eventsOf<K extends HistoryEvent['kind']>(
  history: readonly HistoryEvent[],
  kind: K,
): Extract<HistoryEvent, { kind: K }>[] {
  type Wanted = Extract<HistoryEvent, { kind: K }>
  return history.filter((event): event is Wanted => event.kind === kind)
}
