import type { HistoryEvent } from './history.ts'
import type { Answer } from './protocol.ts'

const FLUSH_EVERY_MS = 20

/** Sends events to the parent in batches. What a killed process had not sent is lost with it. */
export class Recorder {
  #events: HistoryEvent[] = []
  readonly #timer: NodeJS.Timeout

  constructor() {
    this.#timer = setInterval(() => void this.flush(), FLUSH_EVERY_MS)
  }

  readonly record = (event: HistoryEvent): void => {
    this.#events.push(event)
  }

  /** Resolves when the parent's pipe has taken everything. */
  async flush(): Promise<void> {
    if (this.#events.length === 0) return
    const events = this.#events
    this.#events = []
    await say({ say: 'events', events })
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await this.flush()
  }
}

/** Says something to the parent; resolves when its pipe has taken it. */
export function say(answer: Answer): Promise<void> {
  return new Promise((resolve) => {
    // Whoever cannot be told any more has gone: this process ends with it.
    if (!process.connected || process.send === undefined) resolve()
    else process.send(answer, undefined, undefined, () => resolve())
  })
}
