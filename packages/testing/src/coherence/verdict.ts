import { eventsOf } from './history.ts'
import type { CoherencePlan, CoherenceResult } from './run-coherence.ts'
import { findShortcomings } from './shortcomings.ts'

/** What a run is found guilty of, in words; empty when it stands. */
export function chargesAgainst(plan: CoherencePlan, result: CoherenceResult): string[] {
  const { judgement, tally, converged, failed, planned } = result
  const { stale, backwards, foreign } = judgement
  const count = (what: string, found: number): string[] => (found > 0 ? [`${what}: ${found}`] : [])
  const stragglers = converged.reduce((sum, one) => sum + one.stragglers.length, 0)
  const unwell = new Set(converged.flatMap((one) => one.unwell))
  const rejections = [...tally.failures.values()].reduce((sum, number) => sum + number, 0)
  const lacks = eventsOf(result.history, 'started').flatMap((started) => started.lacks)
  const demands = { seconds: plan.seconds, processes: plan.processes, faults: planned, lacks }
  return [
    ...count('stale reads', stale.length),
    ...count('versions that ran backwards', backwards.length),
    ...count('reads of another key’s value', foreign.length),
    ...count('keys that did not converge', stragglers),
    ...count('processes that did not recover', unwell.size),
    ...count('calls that rejected', rejections),
    ...count('processes that ended by themselves', failed.length),
    ...findShortcomings(tally, judgement, demands).map((one) => `too little was done: ${one}`),
  ]
}
