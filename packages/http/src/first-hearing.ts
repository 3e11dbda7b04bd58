import type { Cache, Clock } from '@hotpath/core'

const LONGEST_MS = 100

/**
 * The first moments of a cache on Redis, in which it does not hear yet what others delete. What is
 * loaded then could be followed by nobody and kept in no memory, which is when a herd comes: so the
 * first requests wait for it, a tenth of a second at most.
 */
export class FirstHearing {
  #pending: Promise<void> | undefined

  constructor(cache: Pick<Cache, 'health' | 'on'>, clock: Clock) {
    if (cache.health().coherence !== 'lost') return
    this.#pending = new Promise((resolve) => {
      const end = (): void => {
        timer.cancel()
        unlisten()
        this.#pending = undefined
        resolve()
      }
      const timer = clock.schedule(LONGEST_MS, end)
      const unlisten = cache.on('coherence', end)
    })
  }

  /** `undefined` once there is nothing to wait for. */
  get pending(): Promise<void> | undefined {
    return this.#pending
  }
}
