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

const ERROR_TYPES: Record<string, ErrorConstructor> = {
  Error,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
}

/** The error of such parts; one of an unknown class is an `Error` that keeps its name. */
export function reviveError(parts: ErrorParts): Error {
  const options = 'cause' in parts ? { cause: parts.cause } : undefined
  const error = Array.isArray(parts.errors)
    ? new AggregateError(parts.errors, parts.message, options)
    : new (ERROR_TYPES[parts.name] ?? Error)(parts.message, options)
  define(error, 'stack', parts.stack, false)
  if (error.name !== parts.name && !('name' in parts.own)) define(error, 'name', parts.name, false)
  for (const [name, value] of Object.entries(parts.own)) define(error, name, value, true)
  return error
}

function define(error: Error, name: string, value: unknown, enumerable: boolean): void {
  Object.defineProperty(error, name, { value, writable: true, enumerable, configurable: true })
}
