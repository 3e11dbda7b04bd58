import { formatEvents } from './format-events.ts'
import type { Allowance } from './judge.ts'
import type { CoherenceResult } from './run-coherence.ts'

const MOST_SHOWN = 5

/** Everything that a run came to, as text. */
export function formatReport(result: CoherenceResult): string {
  const { judgement, tally, converged } = result
  const { stale, backwards, following, inGrace, strict } = judgement
  const [afterFaults, afterCalm] = converged.map(({ tookMs }) => `${Math.round(tookMs)} ms`)
  const orphans = converged.reduce((sum, one) => sum + one.orphans, 0)
  const rows: [string, string][] = [
    ['operations', formatCounts(tally.operations)],
    [
      'reads',
      `${tally.reads} found, ${tally.misses} missing; slowest ${Math.round(tally.slowestReadMs)} ms`,
    ],
    ['hits', `${tally.hits} (${percent(tally.hits, tally.reads)})`],
    ['loads', `${tally.loads}, ${tally.overtaken} of them overtaken by an invalidation`],
    ['commits', `${tally.commits}`],
    ['invalidations', `${tally.invalidations}, ${tally.queued} of them queued`],
    ['faults', formatCounts(tally.faults)],
    ['judged strictly', `${strict} (${percent(strict, tally.reads + tally.misses)})`],
    ['news on their way', formatAllowance(following)],
    ['in the grace', formatAllowance(inGrace)],
    ['stale reads', `${stale.length}`],
    ['backwards', `${backwards.length}`],
    [
      'converged',
      `${afterFaults} after the faults, ${afterCalm} after calm; ${orphans} keys orphaned`,
    ],
  ]
  if (tally.failures.size > 0) rows.push(['rejected', formatCounts(tally.failures)])
  return rows.map(([name, text]) => `${name.padEnd(19)}${text}`).join('\n')
}

/** The first few violations, each with what happened around it. */
export function formatViolations({
  judgement,
  history,
  startMs,
  converged,
}: CoherenceResult): string {
  const stale = oneOfEach(judgement.stale, ({ read, ignored }) => [read.key, ignored.cause]).map(
    (violation) => {
      const { read, ignored, lagMs, owedBy } = violation
      const title = `Stale read: ${read.process} was given version ${read.version} of ${read.key}; ${ignored.version} was due to ${owedBy} ${Math.round(lagMs)} ms before`
      return `${title}\n${formatEvents(history, startMs, [ignored.cause, read])}`
    },
  )
  const backwards = oneOfEach(judgement.backwards, ({ earlier }) => [earlier.key, earlier]).map(
    ({ earlier, later }) => {
      const title = `Backwards: ${later.process} was given version ${earlier.version} of ${later.key} and then ${later.version}`
      return `${title}\n${formatEvents(history, startMs, [earlier, later])}`
    },
  )
  const stragglers = converged.flatMap((one) =>
    one.stragglers
      .slice(0, MOST_SHOWN)
      .map(
        ({ process, key, found, wanted }) =>
          `Not converged: ${process} reads version ${found} of ${key}; ${wanted} is the newest`,
      ),
  )
  return [...stale, ...backwards, ...stragglers].join('\n\n')
}

function formatCounts(counts: ReadonlyMap<string, number>): string {
  if (counts.size === 0) return 'none'
  return [...counts].map(([name, count]) => `${name} ${count}`).join(', ')
}

function formatAllowance({ count, longestMs }: Allowance): string {
  return count === 0 ? 'none' : `${count} older reads, ${Math.round(longestMs)} ms late at most`
}

function percent(part: number, whole: number): string {
  return whole === 0 ? '0 %' : `${((part / whole) * 100).toFixed(1)} %`
}

/** The first few that have not the same cause: one invalidation that is ignored is so many times. */
function oneOfEach<T>(violations: readonly T[], causeOf: (violation: T) => [string, object]): T[] {
  const seen = new Map<object, Set<string>>()
  const isNew = (violation: T): boolean => {
    const [key, cause] = causeOf(violation)
    const keys = seen.get(cause) ?? new Set()
    seen.set(cause, keys)
    return keys.size !== keys.add(key).size
  }
  return violations.filter(isNew).slice(0, MOST_SHOWN)
}
