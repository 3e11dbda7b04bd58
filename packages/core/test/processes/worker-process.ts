import { type ChildProcess, fork } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Answer, Request, WorkerSettings } from './protocol.ts'

const MAIN = fileURLToPath(new URL('./worker-main.ts', import.meta.url))
const FROM_SOURCE = ['--import=tsx', '--conditions=@hotpath/source', '--no-warnings']

/** A real process with a cache of its own, as the test sees it. */
export class WorkerProcess {
  /** Called when a loader has begun in it. */
  onLoading: () => void = () => {}
  readonly #child: ChildProcess
  readonly #answers = new EventEmitter()
  readonly #ended: Promise<unknown>

  /** Resolves when its cache is connected. */
  static async start(settings: WorkerSettings): Promise<WorkerProcess> {
    const worker = new WorkerProcess(settings)
    await worker.#untilSays('ready')
    return worker
  }

  private constructor(settings: WorkerSettings) {
    this.#child = fork(MAIN, [JSON.stringify(settings)], { execArgv: FROM_SOURCE })
    this.#ended = once(this.#child, 'exit')
    this.#child.on('message', (answer: Answer) => {
      if (answer.say === 'loading') this.onLoading()
      this.#answers.emit(answer.say, answer)
    })
  }

  tell(request: Request): void {
    this.#child.send(request)
  }

  /** Rejects when the process ends instead of answering. */
  async ask<W extends Answer['say']>(
    request: Request,
    word: W,
  ): Promise<Extract<Answer, { say: W }>> {
    const answer = this.#untilSays(word)
    this.tell(request)
    return await answer
  }

  /** SIGKILL. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#ended
  }

  async quit(): Promise<void> {
    if (this.#child.connected) this.tell({ ask: 'quit' })
    await this.#ended
  }

  async #untilSays<W extends Answer['say']>(word: W): Promise<Extract<Answer, { say: W }>> {
    const waiting = new AbortController()
    const answer = once(this.#answers, word, { signal: waiting.signal })
    answer.catch(() => {})
    const ended = this.#ended.then(() => {
      waiting.abort()
      throw new Error(`The process ended and never said ${word}`)
    })
    ended.catch(() => {})
    const [said] = await Promise.race([answer, ended])
    return said
  }
}
