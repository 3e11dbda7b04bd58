/** How far a cache may lag behind, in milliseconds. */
export interface Bounds {
  /**
   * Within this the other processes have heard of an invalidation: a round trip, and what a busy
   * machine adds to it.
   */
  readonly followMs: number
  /** For so long a process that cannot hear may serve what it holds: `coherenceGrace`. */
  readonly graceMs: number
  /** By so much a timer of a busy machine may be late. */
  readonly slackMs: number
}

/** What is allowed unless told. The machine may be small and have other work. */
export const DEFAULT_BOUNDS: Bounds = { followMs: 100, graceMs: 1_000, slackMs: 150 }
