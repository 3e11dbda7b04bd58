const PAGES = 'https://github.com/hotpath-dev/hotpath/blob/main/docs/errors'

/**
 * Every error that Hotpath throws on purpose. `code` is stable and has a page in `docs/errors`;
 * `cause` is the error underneath, when there is one.
 *
 * @example
 * ```ts
 * import { HotpathError } from '@hotpath/core'
 *
 * const error = new HotpathError('ERR_OPTION_INVALID', 'ttl: found "soon", wanted a duration')
 * console.log(error.code) // ERR_OPTION_INVALID
 * ```
 */
export class HotpathError extends Error {
  readonly code: string

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(`${message} [${code}, see ${PAGES}/${code}.md]`, options)
    this.name = 'HotpathError'
    this.code = code
  }
}

/** An option or an argument that cannot be meant: thrown at once, where it was written. */
export function invalidOption(name: string, found: unknown, wanted: string): HotpathError {
  return new HotpathError(
    'ERR_OPTION_INVALID',
    `${name}: found ${describeFound(found)}, wanted ${wanted}`,
  )
}

/** Shows a value in an error message: short, and never throwing itself. */
export function describeFound(found: unknown): string {
  if (typeof found === 'string') return JSON.stringify(shorten(found))
  if (typeof found === 'function') return 'a function'
  if (Array.isArray(found)) return `an array of ${found.length}`
  if (typeof found === 'object' && found !== null) return 'an object'
  return String(found)
}

function shorten(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}
