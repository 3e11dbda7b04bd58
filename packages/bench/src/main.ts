import { cpus } from 'node:os'
import { runMemory, runRedis } from './caches/run-caches.ts'
import { type Part, parsePlan, USAGE } from './cli.ts'
import { runHttp } from './http/run-http.ts'

async function main(): Promise<void> {
  const plan = parsePlan(process.argv.slice(2))
  const wants = (part: Part): boolean => plan.parts.includes(part)
  process.stdout.write(`Node ${process.version}, ${cpus().length} cores\n\n`)
  if (wants('memory')) await runMemory(plan.effort)
  if (wants('redis')) await runRedis(plan.effort)
  if (wants('http')) await runHttp(plan.httpEffort)
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : error}\n\n${USAGE}\n`)
  process.exitCode = 1
})
