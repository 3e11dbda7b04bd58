import type { Series } from '../runner/rounds.ts'
import { median, ratioTo, spreadTo } from '../runner/statistics.ts'
import { formatCount, formatTable } from '../runner/table.ts'
import { installedVersion } from '../versions.ts'
import type { HttpContestant } from './lineup.ts'

function columnsFor(reference: Series): string[] {
  const ratios = [`of ${reference.name}`, 'of floor']
  const byCpu = ['cpu µs', 'of floor, by cpu', 'middle half']
  return ['', 'version', 'requests/s', ...ratios, 'min', 'max', ...byCpu]
}

/**
 * A page's figures as a table. Ratios are of requests in the same time, or in the same processor
 * time of the server, so more is better; the second kind does not mind what else the machine does.
 */
export function formatPage(
  title: string,
  lineup: readonly HttpContestant[],
  series: readonly Series[],
): string {
  const reference = series[0] as Series
  const rows = lineup.map((contestant, index) => {
    const floor = series.find(({ name }) => name === contestant.floor)
    return formatContestant(contestant, series[index] as Series, reference, floor)
  })
  return formatTable(
    `${title} (${reference.nanoseconds.length} rounds)`,
    columnsFor(reference),
    rows,
  )
}

function formatContestant(
  contestant: HttpContestant,
  { nanoseconds, cpuNanoseconds }: Series,
  reference: Series,
  floor: Series | undefined,
): string[] {
  return [
    contestant.name,
    contestant.package === undefined ? '' : installedVersion(contestant.package),
    formatCount(1e9 / median(nanoseconds)),
    ratioTo(nanoseconds, reference.nanoseconds).toFixed(2),
    floor === undefined ? '' : ratioTo(nanoseconds, floor.nanoseconds).toFixed(2),
    formatCount(1e9 / Math.max(...nanoseconds)),
    formatCount(1e9 / Math.min(...nanoseconds)),
    (median(cpuNanoseconds) / 1e3).toFixed(1),
    floor === undefined ? '' : ratioTo(cpuNanoseconds, floor.cpuNanoseconds).toFixed(2),
    floor === undefined ? '' : formatSpread(spreadTo(cpuNanoseconds, floor.cpuNanoseconds)),
  ]
}

function formatSpread([from, to]: readonly [number, number]): string {
  return `${from.toFixed(2)} to ${to.toFixed(2)}`
}
