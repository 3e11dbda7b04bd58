import type { Series } from '../runner/rounds.ts'
import { median, ratioTo } from '../runner/statistics.ts'
import { formatCount, formatTable } from '../runner/table.ts'
import { installedVersion } from '../versions.ts'
import type { HttpContestant } from './lineup.ts'
import type { HttpSubject } from './subject.ts'

const COLUMNS = [
  '',
  'version',
  'requests/s',
  'of node:http',
  'of floor',
  'min',
  'max',
  'cpu µs',
  'of floor, by cpu',
]

/**
 * A page's figures as a table. Ratios are of requests in the same time, or in the same processor
 * time of the server, so more is better; the second kind does not mind what else the machine does.
 */
export function formatPage(
  title: string,
  subjects: readonly HttpSubject[],
  series: readonly Series[],
): string {
  const figures: Figures[] = subjects.map(({ contestant, cpuMicroseconds }, index) => {
    const nanoseconds = series[index]?.nanoseconds ?? []
    return { contestant, nanoseconds, cpuMicroseconds }
  })
  const reference = figures[0] as Figures
  const rows = figures.map((own) => {
    const floor = figures.find(({ contestant }) => contestant.name === own.contestant.floor)
    return formatFigures(own, reference, floor)
  })
  return formatTable(`${title} (${reference.nanoseconds.length} rounds)`, COLUMNS, rows)
}

interface Figures {
  readonly contestant: HttpContestant
  readonly nanoseconds: readonly number[]
  readonly cpuMicroseconds: readonly number[]
}

function formatFigures(own: Figures, reference: Figures, floor: Figures | undefined): string[] {
  const { contestant, nanoseconds, cpuMicroseconds } = own
  return [
    contestant.name,
    contestant.package === undefined ? '' : installedVersion(contestant.package),
    formatCount(1e9 / median(nanoseconds)),
    ratioTo(nanoseconds, reference.nanoseconds).toFixed(2),
    floor === undefined ? '' : ratioTo(nanoseconds, floor.nanoseconds).toFixed(2),
    formatCount(1e9 / Math.max(...nanoseconds)),
    formatCount(1e9 / Math.min(...nanoseconds)),
    median(cpuMicroseconds).toFixed(1),
    floor === undefined ? '' : ratioTo(cpuMicroseconds, floor.cpuMicroseconds).toFixed(2),
  ]
}
