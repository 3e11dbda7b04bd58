import type { PolicyOptions } from '@hotpath/rate-limit'

/** How many an algorithm is told to admit in a window, and the window. */
export const LIMIT = 100
export const WINDOW_MS = 1_000

/** One plot: an algorithm, and the most that it admits in any span of a window. */
export interface Plotted {
  /** Of the file, without its ending. */
  readonly file: string
  readonly title: string
  readonly policy: PolicyOptions
  readonly bound: number
}

const base = { limit: LIMIT, window: WINDOW_MS }

/** What docs/rate-limits.md shows. */
export const PLOTTED: readonly Plotted[] = [
  {
    file: 'sliding-window',
    title: 'sliding-window',
    policy: { ...base, algorithm: 'sliding-window' },
    bound: LIMIT,
  },
  {
    file: 'sliding-log',
    title: 'sliding-log',
    policy: { ...base, algorithm: 'sliding-log' },
    bound: LIMIT,
  },
  { file: 'gcra', title: 'gcra, burst 1', policy: { ...base, algorithm: 'gcra' }, bound: LIMIT },
  {
    file: 'gcra-burst',
    title: 'gcra, burst 20',
    policy: { ...base, algorithm: 'gcra', burst: 20 },
    bound: LIMIT + 19,
  },
  {
    file: 'token-bucket',
    title: 'token-bucket',
    policy: { ...base, algorithm: 'token-bucket' },
    bound: 2 * LIMIT - 1,
  },
  {
    file: 'fixed-window',
    title: 'fixed-window',
    policy: { ...base, algorithm: 'fixed-window' },
    bound: 2 * LIMIT - 1,
  },
]
