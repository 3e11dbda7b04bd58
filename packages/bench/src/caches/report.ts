import type { Series } from '../runner/rounds.ts'
import { median, ratioTo } from '../runner/statistics.ts'
import { formatCount, formatTable } from '../runner/table.ts'
import { installedVersion } from '../versions.ts'
import type { Contestant } from './contestant.ts'
import type { Scenario } from './scenario.ts'

/** A scenario's figures as a table: medians, ratios to the limit, and how far rounds lay apart. */
export function formatScenario(
  { title, unit, contestants }: Scenario,
  series: readonly Series[],
): string {
  const [limit] = series as [Series]
  const rows = series.map((one, index) => [
    one.name,
    installedVersion((contestants[index] as Contestant).package),
    formatCount(median(one.nanoseconds)),
    ratioTo(limit.nanoseconds, one.nanoseconds).toFixed(2),
    formatCount(Math.min(...one.nanoseconds)),
    formatCount(Math.max(...one.nanoseconds)),
    ratioTo(limit.cpuNanoseconds, one.cpuNanoseconds).toFixed(2),
  ])
  const columns = ['', 'version', unit, 'x limit', 'min', 'max', 'x limit, by cpu']
  return formatTable(`${title} (${limit.nanoseconds.length} rounds)`, columns, rows)
}
