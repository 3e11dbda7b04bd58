import type { PolicyOptions } from '../../src/index.ts'

/** What a process makes its limiter from. */
export interface WorkerSettings {
  readonly redis: string
  readonly namespace: string
  readonly storeTimeout: number
  readonly blockCache: boolean
  readonly policies: readonly PolicyOptions[]
}

export type Order = { readonly say: 'consume'; readonly times: number } | { readonly say: 'take' }

/** Who admitted how many. */
export interface Tally {
  readonly redis: number
  readonly local: number
  readonly other: number
  readonly failed: number
  readonly refused: number
}

export type Report =
  | { readonly say: 'ready'; readonly hasLease: boolean }
  | { readonly say: 'instances'; readonly count: number }
  | { readonly say: 'done'; readonly tally: Tally }
  | { readonly say: 'taken'; readonly allowed: boolean }
