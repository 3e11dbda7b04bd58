import type { Request, WorkerSettings } from './protocol.ts'
import { say } from './recorder.ts'
import { Worker } from './worker.ts'

const settings = JSON.parse(process.argv[2] as string) as WorkerSettings

// Without its parent a worker has no business here; when it has closed, whatever a driver left open
// must not keep it.
process.on('disconnect', () => process.exit())

const worker = await Worker.start(settings)
process.on('message', (request: Request) => {
  worker.answer(request).catch((error: unknown) => {
    process.stderr.write(`${settings.process}: ${error instanceof Error ? error.stack : error}\n`)
    process.exit(1)
  })
})
await say({ say: 'ready' })
