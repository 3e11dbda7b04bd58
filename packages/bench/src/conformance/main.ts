import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { startRedis } from '@hotpath/testing'
import { type CheckPlan, parseCheck, type StoreName, USAGE } from './cli.ts'
import { compare } from './compare.ts'
import type { FrontName } from './fronts.ts'
import {
  ANSWERED_NO,
  EITHER_WAY,
  JUDGED_OTHERWISE_SINCE,
  KNOWN_FAILURES,
} from './known-failures.ts'
import {
  formatDifference,
  formatFailures,
  formatOthers,
  formatParts,
  formatScores,
  type Scored,
} from './report.ts'
import type { SuiteRun } from './run-suite.ts'
import type { RawResult } from './suite-part.ts'
import { KINDS, scoreParts, tally } from './tally.ts'

const KNOWN = [...Object.keys(KNOWN_FAILURES), ...ANSWERED_NO]

async function check(plan: CheckPlan): Promise<boolean> {
  const scored: Scored[] = []
  for (const front of plan.fronts) {
    const runs = plan.stores.map((store) => score(store, front, plan.onlyId))
    scored.push(...(await Promise.all(runs)))
  }
  process.stdout.write(`${formatScores(scored, JUDGED_OTHERWISE_SINCE)}\n`)
  const [first] = scored
  if (first !== undefined && plan.onlyId === undefined) {
    process.stdout.write(`${formatOthers()}\n`)
    process.stdout.write(`${formatParts(first.name, scoreParts(first.tallies))}\n`)
  }
  process.stdout.write(`${formatFailures(scored, KNOWN_FAILURES, plan.isVerbose)}\n`)
  if (plan.onlyId !== undefined) return true
  const differences = scored.map(({ name, tallies }) => ({
    name,
    ...compare(tallies, KNOWN, EITHER_WAY),
  }))
  process.stdout.write(differences.map(formatDifference).join(''))
  return differences.every(({ regressed, improved }) => regressed.length + improved.length === 0)
}

async function score(
  store: StoreName,
  front: FrontName,
  onlyId: string | undefined,
): Promise<Scored> {
  const redis = store === 'redis' ? await startRedis() : undefined
  const run = { front, redisUrl: redis?.url }
  try {
    const results =
      onlyId === undefined
        ? await runTwice(run)
        : await runInChild({ ...run, ids: [onlyId], isDumping: true })
    return { name: `${front}, ${store}`, tallies: KINDS.map((kind) => tally(results, kind)) }
  } finally {
    await redis?.stop()
  }
}

/**
 * The suite waits three seconds and counts in whole ones: on a busy machine one may get lost. What
 * went otherwise than recorded counts only if it does so again, on its own.
 */
async function runTwice(run: SuiteRun): Promise<Record<string, RawResult>> {
  const results = await runInChild(run)
  const { regressed, improved } = compare(
    KINDS.map((kind) => tally(results, kind)),
    KNOWN,
    EITHER_WAY,
  )
  const ids = [...regressed, ...improved]
  return ids.length === 0 ? results : { ...results, ...(await runInChild({ ...run, ids })) }
}

const CHILD = fileURLToPath(new URL('./child-main.ts', import.meta.url))

/** The suite's client keeps its results in its module: each run has a process of its own. */
function runInChild(run: SuiteRun): Promise<Record<string, RawResult>> {
  const execArgv = [...process.execArgv, '--no-warnings']
  const child = fork(CHILD, [JSON.stringify(run)], { execArgv, silent: !run.isDumping })
  child.stderr?.pipe(process.stderr)
  // What the suite's server says of each odd request.
  child.stdout?.resume()
  return new Promise((resolve, reject) => {
    child.on('message', (results) => resolve(results as Record<string, RawResult>))
    child.on('exit', (code) => reject(new Error(`${run.front}: the run ended with ${code}`)))
  })
}

async function main(): Promise<void> {
  if (!(await check(parseCheck(process.argv.slice(2))))) process.exitCode = 1
}

// So that servers and processes are let go of.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130))

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : error}\n\n${USAGE}\n`)
  process.exit(1)
})
