import * as devalue from 'devalue'

const JSON_MARK = 'j'
const RICH_MARK = 'd'
const DEEPEST = 200

/**
 * A value as text: JSON where that says all of it, else the devalue format (Date, Map, Set, BigInt,
 * RegExp, `undefined`, cycles). Throws for what is no data, such as functions.
 */
export function encodeValue(value: unknown): string {
  if (isJson(value, 0)) return JSON_MARK + JSON.stringify(value)
  return RICH_MARK + devalue.stringify(value, reducers)
}

/** The value that {@link encodeValue} made `text` of; throws for any other text. */
export function decodeValue(text: string): unknown {
  if (text.startsWith(JSON_MARK)) return JSON.parse(text.slice(1))
  if (text.startsWith(RICH_MARK)) return devalue.parse(text.slice(1), revivers)
  throw new SyntaxError('A session value in an unknown format')
}

const reducers: Record<string, (value: unknown) => unknown> = {
  Buffer: (value) => Buffer.isBuffer(value) && value.toString('base64'),
}

const revivers: Record<string, (stored: unknown) => unknown> = {
  Buffer: (text) => Buffer.from(String(text), 'base64'),
}

function isJson(value: unknown, depth: number): boolean {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0)
  if (typeof value !== 'object' || depth > DEEPEST) return false
  if (Array.isArray(value)) {
    return (
      Object.keys(value).length === value.length && value.every((one) => isJson(one, depth + 1))
    )
  }
  return isPlain(value) && Object.values(value).every((one) => isJson(one, depth + 1))
}

/** Whether an object is a bare record, with nothing that JSON would leave out or call. */
export function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  if (Object.getPrototypeOf(value) !== Object.prototype) return false
  return (
    !('toJSON' in value) &&
    !Object.hasOwn(value, '__proto__') &&
    Object.getOwnPropertySymbols(value).length === 0
  )
}
