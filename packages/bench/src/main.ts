import { cpus, loadavg } from 'node:os'
import { runBulk, runMemory, runRedis } from './caches/run-caches.ts'
import { type Part, parsePlan, USAGE } from './cli.ts'
import { HTTP_PARTS } from './http/lineups/index.ts'
import { runHttp } from './http/run-http.ts'

async function main(): Promise<void> {
  const plan = parsePlan(process.argv.slice(2))
  const wants = (part: Part): boolean => plan.parts.includes(part)
  process.stdout.write(`${describeMachine()}\n\n`)
  if (wants('memory')) await runMemory(plan.effort)
  if (wants('redis')) await runRedis(plan.effort)
  if (wants('bulk')) await runBulk(plan.effort)
  for (const part of HTTP_PARTS) if (wants(part)) await runHttp(part, plan.httpEffort)
}

/** The load is what others made of the machine in the last minute: figures of a busy one are rough. */
function describeMachine(): string {
  const load = loadavg()[0]?.toFixed(1)
  return `Node ${process.version}, ${cpus().length} cores, load average ${load} at the start`
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : error}\n\n${USAGE}\n`)
  process.exitCode = 1
})
