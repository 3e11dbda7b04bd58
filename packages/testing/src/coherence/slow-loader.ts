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
const DAWDLING = { no: 50, little: 28, long: 17, veryLong: 5 } as const
const DAWDLING_MS = { no: [0, 0], little: [1, 15], long: [20, 80], veryLong: [100, 400] } as const

/** Loads keys from the source of truth, at times slowly. */
export class SlowLoader {
  readonly #process: string
  readonly #source: SourceOfTruth
  readonly #recorder: Recorder
  readonly #chance: Chance
  readonly #doom: Doom
  /** Keys that are being loaded, with how many loads of each. */
  readonly #loading = new Map<string, number>()

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

  /** The keys whose loads are under way. */
  get loading(): string[] {
    return [...this.#loading.keys()]
  }

  async load(key: string): Promise<Versioned> {
    this.#loading.set(key, (this.#loading.get(key) ?? 0) + 1)
    try {
      return await this.#load(key)
    } finally {
      const left = (this.#loading.get(key) ?? 0) - 1
      if (left > 0) this.#loading.set(key, left)
      else this.#loading.delete(key)
    }
  }

  async #load(key: string): Promise<Versioned> {
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
