import type { FaultName } from './fault-names.ts'
import type { Judgement } from './judge.ts'
import type { Tally } from './tally.ts'

/** What a run must have done to prove anything. */
export interface Demands {
  readonly seconds: number
  readonly processes: number
  /** Faults that were planned. */
  readonly faults: readonly FaultName[]
  /** What the cache cannot do at all. */
  readonly lacks: readonly string[]
}

const OPERATIONS = ['getOrSet', 'get', 'getMany', 'delete', 'deleteByTag', 'expire', 'clear', 'set']
const READS_PER_PROCESS_AND_SECOND = 20
const INVALIDATIONS_PER_SECOND = 2
const OVERTAKEN_LOADS_PER_SECOND = 0.2
const LEAST_SHARE_OF_HITS = 0.2
const LEAST_SHARE_OF_STRICT_READS = 0.3

/** Why a run without violations proves nothing all the same: it did too little. */
export function findShortcomings(
  { operations, reads, hits, invalidations, overtaken, faults }: Tally,
  { strict }: Judgement,
  demands: Demands,
): string[] {
  const { seconds, processes, lacks } = demands
  const operationsWanted = OPERATIONS.filter((sort) => !lacks.includes(sort))
  const least = (what: string, found: number, wanted: number): string[] =>
    found < wanted ? [`${what}: found ${found}, wanted ${Math.ceil(wanted)} or more`] : []
  return [
    ...operationsWanted.flatMap((sort) => least(`calls of ${sort}`, operations.get(sort) ?? 0, 1)),
    ...least('reads', reads, READS_PER_PROCESS_AND_SECOND * processes * seconds),
    ...least('reads answered by the cache', hits, reads * LEAST_SHARE_OF_HITS),
    ...least('reads without any excuse', strict, reads * LEAST_SHARE_OF_STRICT_READS),
    ...least('invalidations', invalidations, INVALIDATIONS_PER_SECOND * seconds),
    ...least('loads overtaken', overtaken, OVERTAKEN_LOADS_PER_SECOND * seconds),
    ...demands.faults.flatMap((name) => least(`faults ${name}`, faults.get(name) ?? 0, 1)),
  ]
}
