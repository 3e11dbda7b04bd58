/** A promise together with what settles it. */
export interface Deferred<T> {
  readonly promise: Promise<T>
  resolve(value: T | PromiseLike<T>): void
  reject(reason: unknown): void
}

/**
 * A promise that the test settles by hand. Only the first settling counts.
 *
 * @example
 * const arrived = deferred<string>()
 * cache.on('evict', ({ key }) => arrived.resolve(key))
 * expect(await arrived.promise).toBe('user:1')
 */
export function deferred<T = void>(): Deferred<T> {
  let resolve!: Deferred<T>['resolve']
  let reject!: Deferred<T>['reject']
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve
    reject = onReject
  })
  return { promise, resolve, reject }
}
