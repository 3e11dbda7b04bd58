import type { CacheOptions } from '../../src/index.ts'

/** What a worker is started with, as JSON in its first argument. */
export interface WorkerSettings {
  readonly redisUrl: string
  readonly namespace: string
  readonly options: Pick<CacheOptions, 'leaseTimeout' | 'memory'>
}

/** How a loader in a worker ends. */
export type Ending = { readonly value: string } | { readonly error: string }

/** What the test asks of a worker. */
export type Request =
  /** So many callers at once on one key; each loader that runs says so and waits for its ending. */
  | { readonly ask: 'getOrSet'; readonly key: string; readonly callers: number }
  /** The same with loaders that end at once. */
  | { readonly ask: 'getOrSetMany'; readonly keys: readonly string[]; readonly callers: number }
  | { readonly ask: 'end'; readonly loader: Ending }
  | { readonly ask: 'waits' }
  | { readonly ask: 'quit' }

/** What all callers of one worker were given, and what its loaders did meanwhile. */
export interface Answers {
  readonly answered: number
  readonly values: readonly unknown[]
  readonly failed: number
  /** Of which there is one for each error object, however many callers got it. */
  readonly errors: readonly string[]
  readonly loads: number
}

/** What a worker says. */
export type Answer =
  | { readonly say: 'ready' }
  | { readonly say: 'loading' }
  | { readonly say: 'answers'; readonly answers: Answers }
  /** How many loads have waited for one elsewhere since the callers asked. */
  | { readonly say: 'waits'; readonly waits: number }
