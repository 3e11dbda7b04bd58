import { randomBytes } from 'node:crypto'
import { type RedisServer, waitUntil } from '@hotpath/testing'
import type { Answers, Request, WorkerSettings } from './protocol.ts'
import { WorkerProcess } from './worker-process.ts'

const SIZE = 4

/** Several processes before one Redis. */
export class Crew {
  readonly workers: readonly WorkerProcess[]
  /** Whose loaders have begun, in this order. */
  loaders: WorkerProcess[] = []

  static async start({ url }: RedisServer, options: WorkerSettings['options']): Promise<Crew> {
    const settings = { redisUrl: url, namespace: `test-${randomBytes(6).toString('hex')}`, options }
    const starting = Array.from({ length: SIZE }, () => WorkerProcess.start(settings))
    const workers = await Promise.all(starting)
    return new Crew(workers)
  }

  private constructor(workers: readonly WorkerProcess[]) {
    this.workers = workers
    for (const worker of workers) worker.onLoading = () => void this.loaders.push(worker)
  }

  /** Resolves with the process in which the loader of that number has begun, from 1. */
  async untilLoading(number: number): Promise<WorkerProcess> {
    await waitUntil(() => this.loaders.length >= number, `loader ${number} has begun`)
    return this.loaders[number - 1] as WorkerProcess
  }

  /** Waits until in so many processes a load waits for one elsewhere. */
  async untilWaiting(count: number): Promise<void> {
    await waitUntil(async () => {
      const said = await Promise.all(
        this.workers.map((worker) => worker.ask({ ask: 'waits' }, 'waits')),
      )
      return said.filter(({ waits }) => waits > 0).length >= count
    }, `${count} processes wait`)
  }

  /** All ask at once; each promise is pending until that process has all its answers. */
  ask(request: Request): Promise<Answers>[] {
    this.loaders = []
    return this.workers.map(async (worker) => (await worker.ask(request, 'answers')).answers)
  }

  askAll(request: Request): Promise<Answers[]> {
    return Promise.all(this.ask(request))
  }

  async quit(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.quit()))
  }
}

/** What several processes' loaders did, together. */
export function totalLoads(answers: readonly Answers[]): number {
  return answers.reduce((sum, { loads }) => sum + loads, 0)
}
