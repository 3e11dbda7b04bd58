import { extname } from 'node:path'
import {
  type CoherencePlan,
  type CoherenceResult,
  DEFAULT_BOUNDS,
  type FaultName,
  type Progress,
  runCoherence,
} from '@hotpath/testing/coherence'
import type { CheckPlan, DriverName } from './cli.ts'

const CONVERGES_WITHIN_MS = 5_000

/** Runs the checker over one driver. */
export async function runCheck(
  plan: CheckPlan,
  driver: DriverName,
  faults: readonly FaultName[],
): Promise<{ plan: CoherencePlan; result: CoherenceResult }> {
  const { seconds, seed, processes } = plan
  const what = `${driver}, ${faults.length > 0 ? 'with' : 'without'} faults`
  const coherencePlan: CoherencePlan = {
    driverUrl: new URL(`./drivers/${driver}${extname(import.meta.url)}`, import.meta.url).href,
    seconds,
    seed,
    processes,
    faults,
    bounds: DEFAULT_BOUNDS,
    convergesWithinMs: CONVERGES_WITHIN_MS,
    report: (progress) => showProgress(what, seconds, progress),
  }
  return { plan: coherencePlan, result: await runCoherence(coherencePlan) }
}

function showProgress(
  what: string,
  seconds: number,
  { elapsedMs, events, faults }: Progress,
): void {
  const elapsed = Math.round(elapsedMs / 1_000)
  process.stderr.write(`${what}: ${elapsed} of ${seconds} s, ${events} events, ${faults} faults\n`)
}
