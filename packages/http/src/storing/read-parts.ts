import type { ResponseParts } from './stored-response.ts'

/**
 * The head of a stored response from its JSON. Throws on anything else than what we write: whoever
 * can write to Redis must not choose what we do with a head that makes no sense.
 *
 * By hand, for every hit from Redis comes this way, and a schema takes as long as the rest of it.
 */
export function readParts(json: string): ResponseParts {
  const parts: unknown = JSON.parse(json)
  if (!isObject(parts) || !isHead(parts)) throw new Error('A head that is none of ours')
  return parts
}

type Unknown<T> = { readonly [Name in keyof T]?: unknown }

function isHead(parts: Unknown<ResponseParts>): parts is ResponseParts {
  const { status, statusMessage, fields, initialAgeMs, audience, windows, vary } = parts
  const isResponse =
    Number.isInteger(status) &&
    (status as number) >= 200 &&
    (status as number) <= 599 &&
    typeof statusMessage === 'string' &&
    isAll(fields, isField)
  const isForSomebody = AUDIENCES.has(audience) && isAll(vary, isText) && isText(parts.selection)
  return (
    isResponse && isForSomebody && isLength(initialAgeMs) && isWindows(windows) && isMore(parts)
  )
}

const AUDIENCES: ReadonlySet<unknown> = new Set<ResponseParts['audience']>([
  'anyone',
  'unauthorized',
  'anonymous',
])

function isWindows(windows: unknown): boolean {
  if (!isObject(windows)) return false
  const { whileRevalidateMs, ifErrorMs, isStaleAllowed }: Unknown<ResponseParts['windows']> =
    windows
  return isLength(whileRevalidateMs) && isLength(ifErrorMs) && typeof isStaleAllowed === 'boolean'
}

function isMore({ clientControl, isEtagOurs }: Unknown<ResponseParts>): boolean {
  const isControl = clientControl === undefined || isText(clientControl)
  return isControl && (isEtagOurs === undefined || typeof isEtagOurs === 'boolean')
}

function isField(field: unknown): boolean {
  if (!Array.isArray(field) || field.length !== 2 || !isText(field[0])) return false
  return isText(field[1]) || isAll(field[1], isText)
}

function isAll(list: unknown, isGood: (item: unknown) => boolean): boolean {
  return Array.isArray(list) && list.every(isGood)
}

/** Milliseconds. */
function isLength(value: unknown): boolean {
  return typeof value === 'number' && value >= 0 && value < Number.POSITIVE_INFINITY
}

function isText(value: unknown): boolean {
  return typeof value === 'string'
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
