import { createRateLimiter } from '../../src/index.ts'
import type { Order, Report, WorkerSettings } from './protocol.ts'

/** Decisions under way at once in one process. */
const WIDTH = 50

// Without its parent a worker has no business here.
process.on('disconnect', () => process.exit())

const settings = JSON.parse(process.argv[2] as string) as WorkerSettings
const limiter = createRateLimiter(settings)
const { lease } = await limiter.consume('hello', { cost: 0 })
const tally = { redis: 0, local: 0, other: 0, failed: 0, refused: 0 }

process.on('message', (order: Order) => {
  if (order.say === 'consume') void consumeAll(order.times)
  else void limiter.consume('slots').then(({ allowed }) => tell({ say: 'taken', allowed }))
})

async function consumeAll(times: number): Promise<void> {
  let left = times
  const lane = async (): Promise<void> => {
    while (left > 0) {
      left -= 1
      await consumeOne()
    }
  }
  await Promise.all(Array.from({ length: WIDTH }, lane))
  tell({ say: 'done', tally })
}

async function consumeOne(): Promise<void> {
  try {
    const { allowed, decidedBy } = await limiter.consume('client')
    if (!allowed) tally.refused += 1
    else if (decidedBy === 'redis' || decidedBy === 'local') tally[decidedBy] += 1
    else tally.other += 1
  } catch {
    tally.failed += 1
  }
}

function tell(report: Report): void {
  process.send?.(report)
}

setInterval(() => tell({ say: 'instances', count: limiter.stats().instances }), 100).unref()
tell({ say: 'ready', hasLease: lease !== undefined })
