/** Goes on with a value: at once where it is there, so that what need not wait makes no promise. */
export function after<T, R>(
  value: T | PromiseLike<T>,
  proceed: (value: T) => R | Promise<R>,
): R | Promise<R> {
  return isThenable(value) ? Promise.resolve(value).then(proceed) : proceed(value)
}

function isThenable<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof (value as Partial<PromiseLike<T>> | null | undefined)?.then === 'function'
}
