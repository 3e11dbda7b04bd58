/** What an error is made of, as it is stored. */
export class ErrorParts {
  readonly name: string
  readonly message: string
  readonly stack: string | undefined
  readonly own: Record<string, unknown>
  declare readonly cause?: unknown
  declare readonly errors?: unknown

  /** `copy` makes the values inside ready to be stored. */
  constructor(error: Error, copy: (value: unknown) => unknown) {
    this.name = error.name
    this.message = error.message
    this.stack = error.stack
    this.own = copy({ ...error }) as Record<string, unknown>
    if ('cause' in error) this.cause = copy(error.cause)
    if (error instanceof AggregateError) this.errors = copy(error.errors)
  }
}

const ERROR_TYPES: ReadonlyMap<unknown, ErrorConstructor> = new Map([
  ['EvalError', EvalError],
  ['RangeError', RangeError],
  ['ReferenceError', ReferenceError],
  ['SyntaxError', SyntaxError],
  ['TypeError', TypeError],
  ['URIError', URIError],
])

/** The error of such parts; one of an unknown class is an `Error` that keeps its name. */
export function reviveError(stored: unknown): Error {
  const parts = requireParts(stored)
  const options = 'cause' in parts ? { cause: parts.cause } : undefined
  const error = Array.isArray(parts.errors)
    ? new AggregateError(parts.errors, parts.message, options)
    : new (ERROR_TYPES.get(parts.name) ?? Error)(parts.message, options)
  define(error, 'stack', parts.stack, false)
  if (error.name !== parts.name && !Object.hasOwn(parts.own, 'name')) {
    define(error, 'name', parts.name, false)
  }
  for (const [name, value] of Object.entries(parts.own)) define(error, name, value, true)
  return error
}

function requireParts(stored: unknown): ErrorParts {
  const parts = stored as Partial<ErrorParts> | null | undefined
  const isWhole = typeof parts?.message === 'string' && typeof parts.own === 'object'
  if (!isWhole || parts.own === null) throw new TypeError('An Error without its parts')
  return parts as ErrorParts
}

function define(error: Error, name: string, value: unknown, enumerable: boolean): void {
  Object.defineProperty(error, name, { value, writable: true, enumerable, configurable: true })
}
