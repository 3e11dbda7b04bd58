import { type Burst, type BurstResult, runBurst } from './load.ts'

process.on('message', (burst: Burst) => {
  runBurst(burst).then(
    (result: BurstResult) => process.send?.(result),
    (error: unknown) => {
      process.stderr.write(`${error}\n`)
      process.exit(1)
    },
  )
})
process.on('disconnect', () => process.exit())
