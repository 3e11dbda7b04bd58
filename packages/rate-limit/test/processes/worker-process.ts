import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { deferred, waitUntil } from '@hotpath/testing'
import type { Order, Report, Tally, WorkerSettings } from './protocol.ts'

const MAIN = fileURLToPath(new URL('./worker-main.ts', import.meta.url))
const FROM_SOURCE = ['--import=tsx', '--conditions=@hotpath/source', '--no-warnings']

/** A real process with a limiter of its own. */
export class WorkerProcess {
  /** How many processes it believes to share the limits. */
  instances = 0
  /** Who admitted how many, when all is done. */
  readonly done: Promise<Tally>
  taken: boolean | undefined
  #isReady = false
  readonly #child: ChildProcess

  constructor(settings: WorkerSettings) {
    const done = deferred<Tally>()
    this.done = done.promise
    this.#child = fork(MAIN, [JSON.stringify(settings)], { execArgv: FROM_SOURCE })
    this.#child.on('message', (report: Report) => {
      if (report.say === 'ready') this.#isReady = true
      else if (report.say === 'instances') this.instances = report.count
      else if (report.say === 'done') done.resolve(report.tally)
      else this.taken = report.allowed
    })
  }

  async untilReady(): Promise<void> {
    await waitUntil(() => this.#isReady, 'the process is ready')
  }

  tell(order: Order): void {
    this.#child.send(order)
  }

  /** SIGKILL. */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const ended = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await ended
  }
}
