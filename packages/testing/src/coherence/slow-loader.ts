import { setTimeout as delay } from 'node:timers/promises'
import type { Chance } from './chance.ts'
import type { Doom } from './doom.ts'
import type { Versioned } from './driver.ts'
import { monotonicMs } from './monotonic.ts'
import type { Recorder } from './recorder.ts'
import type { SourceOfTruth } from './source-of-truth.ts'

/** Heavy enough that values, rather than anything else, fill a small Redis. */
const PADDING = 'x'.repeat(1_500)

/** How often a load dawdles for how long, between its query and its answer: there races are lost. */
const DAWDLING = { no: 60, little: 28, long: 10, veryLong: 2 } as const
const DAWDLING_MS = { no: [0, 0], little: [1, 15], long: [20, 80], veryLong: [100, 400] } as const

/** Loads keys from the source of truth, at times slowly. */
export class SlowLoader {
  readonly #process: string
  readonly #source: SourceOfTruth
  readonly #recorder: Recorder
  readonly #chance: Chance
  readonly #doom: Doom

  constructor(
    process: string,
    source: SourceOfTruth,
    recorder: Recorder,
    chance: Chance,
    doom: Doom,
  ) {
    this.#process = process
    this.#source = source
    this.#recorder = recorder
    this.#chance = chance
    this.#doom = doom
  }

  async load(key: string): Promise<Versioned> {
    const begin = monotonicMs()
    const version = await this.#source.read(key)
    await this.#doom.strike('loading')
    const [least, most] = DAWDLING_MS[this.#chance.pickWeighted(DAWDLING)]
    if (most > 0) await delay(this.#chance.between(least, most))
    const end = monotonicMs()
    this.#recorder.record({ kind: 'load', process: this.#process, key, version, begin, end })
    return versioned(key, version)
  }
}

export function versioned(key: string, version: number): Versioned {
  return { key, version, padding: PADDING }
}
