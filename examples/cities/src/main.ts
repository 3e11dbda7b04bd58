import { readConfig } from './config.ts'
import { type Demo, startDemo } from './start/start-demo.ts'

try {
  const demo = await startDemo(readConfig(process.env), process.stdout)
  // Ctrl-C arrives more than once: from the terminal, and from what started this process.
  process.on('SIGINT', () => void stop(demo))
  process.on('SIGTERM', () => void stop(demo))
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}

async function stop(demo: Demo): Promise<never> {
  try {
    await demo.close()
    process.exit(0)
  } catch (error) {
    console.error(error)
    process.exit(1)
  }
}
