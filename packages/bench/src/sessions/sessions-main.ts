import { runSessions } from './run-sessions.ts'

const ROUNDS = 5
const TURN_MS = 700

runSessions(ROUNDS, TURN_MS).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : error}\n`)
  process.exitCode = 1
})
