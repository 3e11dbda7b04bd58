import { HotpathError } from '../base/errors.ts'
import { deepFreeze } from './freeze.ts'
import { formatRich, parseRich } from './rich-values.ts'
import type { Serializer } from './types.ts'

/**
 * How a payload is written. These numbers are part of the wire format (docs/wire-format.md): they
 * are added to and never changed.
 */
export const KIND = { json: 0, rich: 1, buffer: 2, bytes: 3, custom: 4 } as const
export type Kind = (typeof KIND)[keyof typeof KIND]

/** A value ready to be stored. */
export interface Encoded {
  readonly kind: Kind
  readonly payload: string | Uint8Array
}

/** Turns values into payloads and back. */
export interface Codec {
  encode(value: unknown): Encoded
  /** Throws on what it cannot read. */
  decode(kind: number, payload: string | Buffer): unknown
  /** The bytes of a value that is kept as it is; `undefined` when a copy must be kept. */
  sizeOf(value: unknown): number | undefined
}

/** Plain JSON where it loses nothing, devalue where it would, raw bytes for binary values. */
export const builtInCodec: Codec = { encode, decode, sizeOf: sizeOfPrimitive }

/** The user's own format. */
export function customCodec(serializer: Serializer): Codec {
  return {
    encode: (value) => ({ kind: KIND.custom, payload: serializer.serialize(value) }),
    decode: (kind, payload) => {
      if (kind !== KIND.custom) throw new Error(`Written by another serializer (kind ${kind})`)
      return serializer.deserialize(toBuffer(payload))
    },
    sizeOf: (value) => serializer.sizeOf?.(value),
  }
}

function encode(value: unknown): Encoded {
  if (Buffer.isBuffer(value)) return { kind: KIND.buffer, payload: value }
  if (value instanceof Uint8Array) return { kind: KIND.bytes, payload: value }
  if (isJson(value, 0)) return { kind: KIND.json, payload: JSON.stringify(value) }
  try {
    return { kind: KIND.rich, payload: formatRich(value) }
  } catch (cause) {
    throw new HotpathError(
      'ERR_CACHE_VALUE',
      `A value cannot be cached: ${(cause as Error).message}. Wanted data: no functions, symbols or promises`,
      { cause },
    )
  }
}

function decode(kind: number, payload: string | Buffer): unknown {
  switch (kind) {
    case KIND.json:
      return deepFreeze(JSON.parse(payload.toString()))
    case KIND.rich:
      return deepFreeze(parseRich(payload.toString()))
    case KIND.buffer:
      return Buffer.from(payload as Buffer)
    case KIND.bytes:
      return Uint8Array.from(payload as Buffer)
    default:
      throw new Error(`Unknown kind of payload ${kind}`)
  }
}

function toBuffer(payload: string | Uint8Array): Buffer {
  if (typeof payload === 'string') return Buffer.from(payload)
  return Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength)
}

function sizeOfPrimitive(value: unknown): number | undefined {
  if (typeof value === 'string') return value.length * 2
  if (typeof value === 'bigint') return undefined
  const isPrimitive = value === null || !['object', 'function', 'symbol'].includes(typeof value)
  return isPrimitive ? 8 : undefined
}

/** Deeper than this may be a cycle: the rich format tells. */
const DEEPEST_JSON = 64

/** Whether JSON brings the value back exactly as it is. */
function isJson(value: unknown, depth: number): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0)
    case 'object':
      if (value === null) return true
      if (depth > DEEPEST_JSON) return false
      return Array.isArray(value) ? isJsonArray(value, depth + 1) : isJsonObject(value, depth + 1)
    default:
      return false
  }
}

function isJsonArray(array: readonly unknown[], depth: number): boolean {
  // By index, for `every` skips holes, which JSON turns into null.
  for (let index = 0; index < array.length; index += 1) {
    if (!isJson(array[index], depth)) return false
  }
  return true
}

function isJsonObject(object: object, depth: number): boolean {
  if (Object.getPrototypeOf(object) !== Object.prototype) return false
  for (const name in object) {
    if (!isJson((object as Record<string, unknown>)[name], depth)) return false
  }
  return true
}
