import { type CoherenceResult, chargesAgainst } from '@hotpath/testing/coherence'
import { formatCount, formatTable } from '../runner/table.ts'
import { installedVersion } from '../versions.ts'
import { type CheckPlan, type DriverName, NO_FAULTS } from './cli.ts'
import { runCheck } from './run-check.ts'

const LINEUP: readonly DriverName[] = ['hotpath', 'unfenced', 'bentocache', 'cacheable']
const PEERS: readonly string[] = ['bentocache', 'cacheable']

const COLUMNS = [
  '',
  'reads',
  'hits',
  'invalidations',
  'stale reads',
  'longest',
  'backwards',
  'rejected',
  'converged',
]

/** Runs all drivers, without faults and with them, and tabulates. Gives what ours is guilty of. */
export async function compare(plan: CheckPlan): Promise<string[]> {
  const charges: string[] = []
  for (const faults of [NO_FAULTS, plan.faults]) {
    const rows: string[][] = []
    for (const driver of LINEUP) {
      const { plan: run, result } = await runCheck(plan, driver, faults)
      rows.push([nameOf(driver), ...cellsOf(result)])
      if (driver === 'hotpath') charges.push(...chargesAgainst(run, result))
    }
    const title = `${faults.length > 0 ? 'With' : 'Without'} faults, ${plan.processes} processes, ${plan.seconds} s each, seed ${plan.seed}`
    process.stdout.write(`${formatTable(title, COLUMNS, rows)}\n`)
  }
  return charges
}

function nameOf(driver: DriverName): string {
  return PEERS.includes(driver) ? `${driver} ${installedVersion(driver)}` : driver
}

function cellsOf({ tally, judgement, converged }: CoherenceResult): string[] {
  const { stale, backwards } = judgement
  const longestMs = stale.reduce((most, { lagMs }) => Math.max(most, lagMs), 0)
  const rejected = [...tally.failures.values()].reduce((sum, count) => sum + count, 0)
  const isConverged = converged.every(({ stragglers }) => stragglers.length === 0)
  const tookMs = converged[0]?.tookMs ?? 0
  return [
    formatCount(tally.reads),
    formatCount(tally.hits),
    formatCount(tally.invalidations),
    formatCount(stale.length),
    stale.length === 0 ? '-' : `${(longestMs / 1_000).toFixed(1)} s`,
    formatCount(backwards.length),
    formatCount(rejected),
    isConverged ? `${(tookMs / 1_000).toFixed(1)} s` : 'no',
  ]
}
