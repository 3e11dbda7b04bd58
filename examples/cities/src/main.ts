import { readConfig } from './config.ts'
import { startDemo } from './start/start-demo.ts'

try {
  const demo = await startDemo(readConfig(process.env), process.stdout)
  const stop = () => {
    demo.close().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error)
        process.exit(1)
      },
    )
  }
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
