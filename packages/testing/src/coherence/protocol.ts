import type { HistoryEvent } from './history.ts'

/** What a worker is started with, as JSON in its first argument. */
export interface WorkerSettings {
  /** Its name in the history, such as `p2.1`. */
  readonly process: string
  /** Its place among the processes, from 0, and how many places there are. */
  readonly place: number
  readonly places: number
  /** The module whose `driver` makes the cache: a file URL. */
  readonly driverUrl: string
  readonly redisUrl: string
  readonly postgresUrl: string
  readonly namespace: string
  readonly seed: number
  readonly graceMs: number
  readonly leaseTimeoutMs: number
  readonly clockOffsetMs: number
}

/** When a worker is to kill itself. */
export type Moment =
  /** Inside a loader, with the lease in hand. */
  | 'loading'
  /** After a commit and before the invalidation that should follow it. */
  | 'committed'

/** What the parent asks of a worker. */
export type Request =
  | { readonly ask: 'run' }
  /** To end what is under way and begin nothing new. */
  | { readonly ask: 'hold' }
  | { readonly ask: 'die'; readonly when: Moment }
  /** To delete keys whose invalidator was killed. */
  | { readonly ask: 'delete'; readonly keys: readonly string[] }
  /** To read every key until it has the version wanted, for so long at most. */
  | { readonly ask: 'converge'; readonly versions: Versions; readonly withinMs: number }
  | { readonly ask: 'quit' }

/** The newest version of each key. */
export type Versions = Readonly<Record<string, number>>

/** A key that a process reads wrong at the end. */
export interface Straggler {
  readonly key: string
  readonly found: number | undefined
  readonly wanted: number
}

/** What a worker says. */
export type Answer =
  | { readonly say: 'ready' | 'held' | 'deleted' }
  | { readonly say: 'events'; readonly events: readonly HistoryEvent[] }
  | { readonly say: 'converged'; readonly at: number; readonly convergence: Convergence }

/** How far a worker has come in the time it was given. */
export interface Convergence {
  readonly stragglers: readonly Straggler[]
  /** Whether it hears of others' writes and reaches Redis again, as far as it tells. */
  readonly isWell: boolean
}
