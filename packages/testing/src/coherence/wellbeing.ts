import type { Declaration } from './driver.ts'
import { monotonicMs } from './monotonic.ts'
import type { Recorder } from './recorder.ts'

/** What the cache of a process has declared of itself so far. */
export class Wellbeing {
  readonly #process: string
  readonly #recorder: Recorder
  #isHearing: boolean
  #isLinked = true

  constructor(process: string, declares: boolean, recorder: Recorder) {
    this.#process = process
    this.#recorder = recorder
    this.#isHearing = !declares
  }

  /** Whether it hears of others' writes and reaches Redis, as far as it tells. */
  get isWell(): boolean {
    return this.#isHearing && this.#isLinked
  }

  readonly declare = (declaration: Declaration): void => {
    const about = { process: this.#process, at: monotonicMs() }
    if (declaration.kind === 'hearing') {
      this.#isHearing = declaration.isHearing
      this.#recorder.record({ ...declaration, ...about })
    } else {
      this.#isLinked = declaration.isUp
      this.#recorder.record({ ...declaration, ...about })
    }
  }
}
