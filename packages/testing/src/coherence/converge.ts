import type { Crew } from './crew.ts'
import type { HistoryEvent } from './history.ts'
import { monotonicMs } from './monotonic.ts'
import { findOrphans } from './orphans.ts'
import type { Straggler } from './protocol.ts'
import type { SourceOfTruth } from './source-of-truth.ts'

/** How all processes came to agree on the newest versions, once nothing was broken any more. */
export interface Converged {
  /** From the last mending until the last process had the newest version of every key. */
  readonly tookMs: number
  readonly withinMs: number
  /** Keys that nobody was going to invalidate any more, and that were deleted for that reason. */
  readonly orphans: number
  /** What was still wrong at the end of the time given, by process. */
  readonly stragglers: readonly (Straggler & { readonly process: string })[]
  /** Processes that did not hear of others' writes or reach Redis by then. */
  readonly unwell: readonly string[]
}

/** Ends the traffic and waits until every process reads the newest version of every key. */
export async function converge(
  crew: Crew,
  source: SourceOfTruth,
  history: readonly HistoryEvent[],
  mendedMs: number,
  withinMs: number,
): Promise<Converged> {
  await crew.hold()
  const versions = await source.readAll()
  const orphans = findOrphans(history, versions)
  if (orphans.length > 0) await crew.anyone.ask({ ask: 'delete', keys: orphans }, 'deleted')
  const leftMs = Math.max(mendedMs + withinMs - monotonicMs(), 0)
  const answers = await crew.askAll({ ask: 'converge', versions, withinMs: leftMs }, 'converged')
  const tookMs = Math.max(...answers.map(({ answer }) => answer.at)) - mendedMs
  const named = answers.map(({ process, answer }) => ({ ...answer.convergence, process }))
  return {
    tookMs,
    withinMs,
    orphans: orphans.length,
    stragglers: named.flatMap(({ process, stragglers }) =>
      stragglers.map((straggler) => ({ ...straggler, process })),
    ),
    unwell: named.filter(({ isWell }) => !isWell).map(({ process }) => process),
  }
}
