import type { Moment } from './protocol.ts'
import type { Recorder } from './recorder.ts'

/** Kills this process at the very moment that it was told to die at. */
export class Doom {
  readonly #recorder: Recorder
  #moment: Moment | undefined

  constructor(recorder: Recorder) {
    this.#recorder = recorder
  }

  set(moment: Moment): void {
    this.#moment = moment
  }

  /** Never returns if this is the moment: what was recorded until now is told, and nothing after. */
  async strike(moment: Moment): Promise<void> {
    if (moment !== this.#moment) return
    await this.#recorder.flush()
    process.kill(process.pid, 'SIGKILL')
    await new Promise(() => {})
  }
}
