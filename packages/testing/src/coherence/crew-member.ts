import { type ChildProcess, fork } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { extname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { HistoryEvent } from './history.ts'
import { monotonicMs } from './monotonic.ts'
import type { Answer, Request, WorkerSettings } from './protocol.ts'

const ENDED = 'ended'
/** Far longer than anything takes that ends at all: a lease, a slow loader, a driver's retries. */
const ANSWERS_WITHIN_MS = 60_000

/** A worker process as its parent sees it. */
export class CrewMember {
  readonly process: string
  readonly #child: ChildProcess
  readonly #answers = new EventEmitter()
  #isExpectedToEnd = false
  #hasEnded = false

  constructor(settings: WorkerSettings, record: (event: HistoryEvent) => void) {
    this.process = settings.process
    const file = new URL(`./worker-main${extname(import.meta.url)}`, import.meta.url)
    this.#child = fork(fileURLToPath(file), [JSON.stringify(settings)])
    this.#child.on('message', (answer: Answer) => {
      if (answer.say === 'events') for (const event of answer.events) record(event)
      else this.#answers.emit(answer.say, answer)
    })
    this.#child.on('error', () => {})
    this.#child.on('exit', () => {
      this.#hasEnded = true
      record({ kind: 'ended', process: this.process, at: monotonicMs() })
      this.#answers.emit(ENDED)
    })
  }

  get hasEnded(): boolean {
    return this.#hasEnded
  }

  /** Whether it ended though nobody had meant it to. */
  get hasFailed(): boolean {
    return this.#hasEnded && !this.#isExpectedToEnd
  }

  tell(request: Request): void {
    if (request.ask === 'die' || request.ask === 'quit') this.#isExpectedToEnd = true
    if (this.#child.connected) this.#child.send(request, () => {})
  }

  /** Waits until it says `word`. Rejects when it ends instead, or has nothing to say for a minute. */
  async untilSays<W extends Answer['say']>(word: W): Promise<Extract<Answer, { say: W }>> {
    const waiting = new AbortController()
    const { signal } = waiting
    try {
      if (this.#hasEnded) throw this.#gone()
      const [answer] = await Promise.race([
        once(this.#answers, word, { signal }),
        once(this.#answers, ENDED, { signal }).then(() => {
          throw this.#gone()
        }),
        delay(ANSWERS_WITHIN_MS, undefined, { signal }).then(() => {
          throw this.#gone()
        }),
      ])
      return answer
    } finally {
      waiting.abort()
    }
  }

  async ask<W extends Answer['say']>(
    request: Request,
    word: W,
  ): Promise<Extract<Answer, { say: W }>> {
    const answer = this.untilSays(word)
    this.tell(request)
    return await answer
  }

  /** SIGKILL. */
  async kill(): Promise<void> {
    this.#isExpectedToEnd = true
    this.#child.kill('SIGKILL')
    await this.untilEnded()
  }

  async untilEnded(): Promise<void> {
    if (!this.#hasEnded) await once(this.#answers, ENDED)
  }

  pause(): void {
    this.#child.kill('SIGSTOP')
  }

  resume(): void {
    this.#child.kill('SIGCONT')
  }

  #gone(): Error {
    const what = this.#hasEnded ? 'has ended' : 'does not answer: an operation of it never ends'
    return new Error(`The process ${this.process} ${what}`)
  }
}
