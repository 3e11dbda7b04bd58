/**
 * Where the invalidation counters stood when a load began. An entry carries the stamp of its load,
 * and is valid only while nothing that covers it was invalidated after that.
 *
 * Counters and random names, never clocks: skew between machines changes nothing.
 */
export interface Stamp {
  /** Random names of the namespace and those around it, made anew by every `clear()`. */
  readonly era: string
  /** How many tag invalidations had happened. */
  readonly epoch: number
  /** Counted by this process, without Redis: the numbers of the two have nothing to do with each other. */
  readonly isOffline?: boolean
}

/** The epochs in which a tag was last deleted and last expired. */
export interface TagRecord {
  readonly deleted: number
  readonly expired: number
}

/** What the counters say of an entry. `unknown`: not without asking Redis. */
export type Verdict = 'valid' | 'stale' | 'invalid' | 'unknown'

/** Judges an entry made in `epoch` by the record of one of its tags. */
export function judgeByTag(epoch: number, record: TagRecord): Verdict {
  if (record.deleted > epoch) return 'invalid'
  return record.expired > epoch ? 'stale' : 'valid'
}
