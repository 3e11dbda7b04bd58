import { Worker } from './worker.ts'

// Without its parent a worker has no business here.
process.on('disconnect', () => process.exit())

const worker = await Worker.start(JSON.parse(process.argv[2] as string))
process.on('message', (request: Parameters<typeof worker.answer>[0]) => {
  worker.answer(request).catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.stack : error}\n`)
    process.exit(1)
  })
})
worker.greet()
