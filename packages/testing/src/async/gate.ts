import { deferred } from './deferred.ts'

/** A loader that waits until the test lets it through. */
export interface Gate<T> {
  /** The loader to hand over; its arguments are ignored. */
  readonly enter: (...args: unknown[]) => Promise<T>
  /** How often {@link enter} was called. */
  readonly calls: number
  /** Resolves when {@link enter} is called for the first time. */
  readonly entered: Promise<void>
  /** Lets everybody through with `value`, those who come later at once. */
  open(value: T): void
  /** Turns everybody away with `error`, those who come later at once. */
  fail(error: unknown): void
}

/**
 * A loader whose beginning the test can wait for and whose end the test decides, so that two
 * things happen in the order that the test is about. The first `open` or `fail` counts.
 *
 * @example
 * const load = gate<string>()
 * const pending = cache.getOrSet('user:1', load.enter)
 * await load.entered
 * await cache.delete('user:1')
 * load.open('old')
 * expect(await pending).toBe('old')
 */
export function gate<T = void>(): Gate<T> {
  const outcome = deferred<T>()
  const firstEntry = deferred()
  let calls = 0
  // A gate that fails before anybody came is no unhandled rejection.
  outcome.promise.catch(() => {})
  return {
    get calls() {
      return calls
    },
    entered: firstEntry.promise,
    enter: async () => {
      calls += 1
      firstEntry.resolve()
      return await outcome.promise
    },
    open: (value) => outcome.resolve(value),
    fail: (error) => outcome.reject(error),
  }
}
