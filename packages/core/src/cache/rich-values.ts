import * as devalue from 'devalue'
import { isPlainObject } from './freeze.ts'

/** Values that JSON cannot carry, as text and back: the devalue format with the types below added. */
export function formatRich(value: unknown): string {
  return devalue.stringify(value, reducers)
}

export function parseRich(text: string): unknown {
  return devalue.parse(text, revivers as Parameters<typeof devalue.parse>[1])
}

const reducers: Record<string, (value: unknown) => unknown> = {
  Buffer: (value) => Buffer.isBuffer(value) && Uint8Array.from(value),
  Error: (value) => value instanceof Error && describeError(value),
  // An instance of a class is what its toJSON says, or its own enumerable properties.
  Instance: (value) => isInstance(value) && { plain: plainOf(value) },
}

const revivers: Record<string, (value: never) => unknown> = {
  Buffer: (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
  Error: reviveError,
  Instance: ({ plain }: { plain: unknown }) => plain,
}

interface ErrorParts {
  name: string
  message: string
  stack: string | undefined
  cause?: unknown
  errors?: unknown
  own: Record<string, unknown>
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

function describeError(error: Error): ErrorParts {
  const parts: ErrorParts = {
    name: error.name,
    message: error.message,
    stack: error.stack,
    own: { ...error },
  }
  if ('cause' in error) parts.cause = error.cause
  if (error instanceof AggregateError) parts.errors = error.errors
  return parts
}

function reviveError(parts: ErrorParts): Error {
  const options = 'cause' in parts ? { cause: parts.cause } : undefined
  const error = Array.isArray(parts.errors)
    ? new AggregateError(parts.errors, parts.message, options)
    : new (ERROR_TYPES[parts.name] ?? Error)(parts.message, options)
  hide(error, 'stack', parts.stack)
  if (error.name !== parts.name && !('name' in parts.own)) hide(error, 'name', parts.name)
  for (const [name, value] of Object.entries(parts.own)) {
    Object.defineProperty(error, name, {
      value,
      writable: true,
      enumerable: true,
      configurable: true,
    })
  }
  return error
}

function hide(error: Error, name: string, value: unknown): void {
  Object.defineProperty(error, name, {
    value,
    writable: true,
    enumerable: false,
    configurable: true,
  })
}

const CARRIED = [Date, RegExp, Map, Set, URL, URLSearchParams, ArrayBuffer, Error]

function isInstance(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  if (isPlainObject(value) || ArrayBuffer.isView(value)) return false
  if (value instanceof Number || value instanceof String || value instanceof Boolean) return false
  return !CARRIED.some((type) => value instanceof type)
}

function plainOf(value: object): unknown {
  const { toJSON } = value as { toJSON?: unknown }
  return typeof toJSON === 'function' ? toJSON.call(value, '') : { ...value }
}
