import { formatTable } from '../runner/table.ts'
import type { Difference } from './compare.ts'
import type { Tally } from './tally.ts'

/** What one run gave, by kind. */
export interface Scored {
  readonly name: string
  readonly tallies: readonly Tally[]
}

/** A line a run. */
export function formatScores(scored: readonly Scored[]): string {
  const rows = scored.map(({ name, tallies }) => [name, ...tallies.map(formatTally)])
  const columns = ['cache', 'required', 'optimal', 'answered yes']
  return formatTable('HTTP cache suite (http-cache-tests 0.4.5): cases passed', columns, rows)
}

function formatTally({ passed, failed }: Tally): string {
  return `${passed} of ${passed + failed.size}`
}

/** A line for each case that failed anywhere, checks aside: its reason if it is known. */
export function formatFailures(
  scored: readonly Scored[],
  reasons: Readonly<Record<string, string>>,
  isVerbose: boolean,
): string {
  const tallies = scored.flatMap((run) => run.tallies).filter(({ kind }) => kind !== 'check')
  const lines = new Map<string, string>()
  for (const { kind, failed } of tallies) {
    for (const [id, message] of failed) {
      const said = isVerbose || reasons[id] === undefined ? `\n      ${message}` : ''
      lines.set(id, `  ${kind} ${id}: ${reasons[id] ?? 'not known'}${said}`)
    }
  }
  return ['Failed:', ...lines.values(), ''].join('\n')
}

/** What is to be done about a run that is not as recorded; empty when it is. */
export function formatDifference({
  name,
  regressed,
  improved,
}: Difference & { name: string }): string {
  const lines = [
    ...regressed.map((id) => `${name}: REGRESSED: ${id}`),
    ...improved.map((id) => `${name}: passes now, take it out of known-failures.ts: ${id}`),
  ]
  return lines.map((line) => `${line}\n`).join('')
}
