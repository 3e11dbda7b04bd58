import { formatTable } from '../runner/table.ts'
import type { Difference } from './compare.ts'
import { KINDS, type PartScore, type Tally } from './tally.ts'

/** What one run gave, by kind. */
export interface Scored {
  readonly name: string
  readonly tallies: readonly Tally[]
}

/** A line a run; `otherwise` are the required cases that newer rules judge otherwise. */
export function formatScores(scored: readonly Scored[], otherwise: ReadonlySet<string>): string {
  const rows = scored.map(({ name, tallies }) => {
    const [required, ...others] = tallies.map(formatTally)
    return [name, required ?? '', formatTally(withoutFailures(tallies, otherwise)), ...others]
  })
  const columns = ['cache', 'required', 'by rules that stand', 'optimal', 'answered yes']
  return formatTable('HTTP cache suite (http-cache-tests 0.4.5): cases passed', columns, rows)
}

/** The required cases without those in `otherwise` that failed. */
function withoutFailures(tallies: readonly Tally[], otherwise: ReadonlySet<string>): Tally {
  const required = tallies.find(({ kind }) => kind === 'required')
  const { passed = 0, failed = new Map<string, string>() } = required ?? {}
  const standing = [...failed].filter(([id]) => !otherwise.has(id))
  return { kind: 'required', passed, failed: new Map(standing) }
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

/** Required cases passed of 160 by the suite's rules of 2025, as others have measured or published. */
const OTHERS: readonly (readonly [name: string, passed: string])[] = [
  ['Apache Traffic Server', '132'],
  ['Apache httpd', '131'],
  ["undici's cache interceptor", '125'],
  ['varnish', '119'],
  ['squid', '117'],
  ['nginx', '100'],
  ['response-cache middlewares for Node', '0 to 12'],
]

/** What other caches pass. */
export function formatOthers(): string {
  const columns = ['others', 'required, of 160']
  return formatTable(
    'The same of others, by newer rules',
    columns,
    OTHERS.map((row) => [...row]),
  )
}

/** How each part of the suite went in the first of the runs. */
export function formatParts(name: string, parts: readonly PartScore[]): string {
  const rows = parts.map(({ part, scores }) => [part, ...scores])
  return formatTable(`${name}, by part of the suite`, ['part', ...KINDS], rows)
}
