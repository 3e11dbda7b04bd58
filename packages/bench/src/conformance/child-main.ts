import { runSuite, type SuiteRun } from './run-suite.ts'

const run = JSON.parse(process.argv[2] ?? '{}') as SuiteRun

runSuite(run).then(
  (results) => process.send?.(results, () => process.exit(0)),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.stack : error}\n`)
    process.exit(1)
  },
)
