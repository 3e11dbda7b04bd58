import { type Cache, createCache } from '../../src/index.ts'
import type { Answer, Answers, Ending, Request, WorkerSettings } from './protocol.ts'

/** Longer than the machine is ever busy with something else. */
const PATIENT = 5_000

/** One process of a test: a cache, callers, and loaders that the test ends. */
export class Worker {
  readonly #cache: Cache
  #ending: Promise<Ending> | undefined
  #end: (ending: Ending) => void = () => {}
  #loads = 0
  #waitsBefore = 0

  static async start({ redisUrl, namespace, options }: WorkerSettings): Promise<Worker> {
    const cache = createCache({ redis: redisUrl, namespace, storeTimeout: PATIENT, ...options })
    await untilReady(cache, options.memory !== false)
    return new Worker(cache)
  }

  private constructor(cache: Cache) {
    this.#cache = cache
  }

  greet(): void {
    say({ say: 'ready' })
  }

  async answer(request: Request): Promise<void> {
    switch (request.ask) {
      case 'getOrSet':
        return say({ say: 'answers', answers: await this.#getOrSet(request) })
      case 'getOrSetMany':
        return say({ say: 'answers', answers: await this.#getOrSetMany(request) })
      case 'end':
        return this.#end(request.loader)
      case 'waits':
        return say({ say: 'waits', waits: this.#cache.stats().leaseWaits - this.#waitsBefore })
      case 'quit':
        await this.#cache.close()
        process.disconnect()
    }
  }

  #getOrSet({ key, callers }: { key: string; callers: number }): Promise<Answers> {
    return this.#gather(callers, () => this.#cache.getOrSet(key, () => this.#load()))
  }

  async #load(): Promise<string> {
    this.#loads += 1
    say({ say: 'loading' })
    const ending = (await this.#ending) as Ending
    if ('error' in ending) throw new Error(ending.error)
    return ending.value
  }

  #getOrSetMany({ keys, callers }: { keys: readonly string[]; callers: number }): Promise<Answers> {
    return this.#gather(callers, () =>
      this.#cache
        .getOrSetMany(keys, (missing) => {
          this.#loads += missing.length
          return missing.map((key) => `${key} by ${process.pid}`)
        })
        .then((values) => JSON.stringify(values)),
    )
  }

  /** All of them at once. */
  async #gather(callers: number, call: () => Promise<unknown>): Promise<Answers> {
    this.#ending = new Promise((resolve) => {
      this.#end = resolve
    })
    this.#loads = 0
    this.#waitsBefore = this.#cache.stats().leaseWaits
    const outcomes = await Promise.allSettled(Array.from({ length: callers }, call))
    const values = outcomes.filter((outcome) => outcome.status === 'fulfilled')
    const reasons = outcomes.filter((outcome) => outcome.status === 'rejected')
    const errors = new Set(reasons.map(({ reason }) => reason as Error))
    return {
      answered: values.length,
      values: [...new Set(values.map(({ value }) => value))],
      failed: reasons.length,
      errors: [...errors].map(({ message }) => message),
      loads: this.#loads,
    }
  }
}

async function untilReady(cache: Cache, isTracking: boolean): Promise<void> {
  const isUp =
    cache.health().redis === 'up' ||
    new Promise<void>((resolve) =>
      cache.on('state', ({ redis }) => void (redis === 'up' && resolve())),
    )
  const isArmed =
    !isTracking ||
    new Promise<void>((resolve) =>
      cache.on('coherence', (change) => void (change.isArmed && resolve())),
    )
  await Promise.all([isUp, isArmed])
}

function say(answer: Answer): void {
  process.send?.(answer)
}
