import { writeFileSync } from 'node:fs'
import { chargesAgainst, formatReport, formatViolations } from '@hotpath/testing/coherence'
import { type CheckPlan, parseCheck, USAGE } from './cli.ts'
import { compare } from './compare.ts'
import { runCheck } from './run-check.ts'

async function check(plan: CheckPlan): Promise<void> {
  const { driver, seconds, seed, processes, faults } = plan
  const title = `${driver}: ${processes} processes, ${seconds} s, seed ${seed}`
  process.stdout.write(`${title}\n`)
  const { plan: run, result } = await runCheck(plan, driver, faults)
  if (plan.historyFile !== undefined) {
    const lines = result.history.map((event) => JSON.stringify(event))
    writeFileSync(plan.historyFile, `${lines.join('\n')}\n`)
  }
  process.stdout.write(`\n${formatReport(result)}\n\n`)
  const charges = chargesAgainst(run, result)
  if (charges.length === 0) process.stdout.write(`${title}: no violation\n`)
  else process.stdout.write(`${formatViolations(result)}\n\n${formatCharges(title, charges)}`)
  const isFailed = charges.length > 0
  const isAsWanted = plan.mustFail ? result.judgement.stale.length > 0 : !isFailed
  if (plan.mustFail) process.stdout.write(isAsWanted ? 'As it must.\n' : 'It must fail.\n')
  if (!isAsWanted) process.exitCode = 1
}

function formatCharges(title: string, charges: readonly string[]): string {
  return `${title}: FAILED\n  ${charges.join('\n  ')}\n`
}

async function main(): Promise<void> {
  const plan = parseCheck(process.argv.slice(2), Date.now() % 1_000_000)
  if (!plan.isComparison) return await check(plan)
  const charges = await compare(plan)
  if (charges.length === 0) return
  process.stdout.write(formatCharges('hotpath', charges))
  process.exitCode = 1
}

// So that servers and processes are let go of.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130))

main().then(
  // Left to end by itself, Node waits for ever now and then for a write to a process or a socket that
  // a fault has ended (seen with 20.20: it spins in its own clean-up).
  () => process.exit(),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.stack : error}\n\n${USAGE}\n`)
    process.exit(1)
  },
)
