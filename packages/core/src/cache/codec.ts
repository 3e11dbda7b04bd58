import { types } from 'node:util'
import { HotpathError } from '../base/errors.ts'
import { deepFreeze, freezeJson } from './freeze.ts'
import { copyJson, isJsonScalar } from './json-copy.ts'
import { formatRich, parseRich } from './rich-values.ts'
import type { Serializer } from './types.ts'

/**
 * How a payload is written. These numbers are part of the wire format (docs/wire-format.md): they
 * are added to and never changed.
 */
export const KIND = { json: 0, rich: 1, buffer: 2, bytes: 3, custom: 4, defined: 5 } as const

/** A value as it is written. */
export interface Encoded {
  /** One of {@link KIND}; with its compression, once it is compressed. */
  readonly kind: number
  readonly payload: string | Uint8Array
}

/** A value ready to be kept. */
export interface Prepared<V> {
  /** What memory keeps and callers get. */
  readonly value: V
  /** About what it takes in memory. */
  readonly bytes: number
  readonly encoded: () => Encoded
}

/** Turns values into payloads and back. */
export interface Codec {
  /**
   * Makes a value ready to be kept: as a copy that equals what `decode` gives, so that memory and
   * Redis give the same and what its owner does with the value later touches no one.
   */
  prepare<V>(value: V): Prepared<V>
  /** Reads the payload that begins in `bytes` at `at` and ends with them. Throws on what it cannot read. */
  decode(kind: number, bytes: Buffer, at: number): unknown
}

/** Plain JSON where it loses nothing, devalue where it would, raw bytes for binary values. */
export const builtInCodec: Codec = { prepare, decode }

/** The user's own format. */
export function customCodec(serializer: Serializer): Codec {
  const encode = (value: unknown): Encoded => ({
    kind: KIND.custom,
    payload: serializer.serialize(value),
  })
  return {
    prepare: <V>(value: V): Prepared<V> => {
      const bytes = serializer.sizeOf?.(value)
      if (bytes !== undefined) {
        return { value, bytes: Math.ceil(bytes), encoded: () => encode(value) }
      }
      const encoded = encode(value)
      const copy = serializer.deserialize(toBuffer(encoded.payload)) as V
      return { value: copy, bytes: encoded.payload.length, encoded: () => encoded }
    },
    decode: (kind, bytes, at) => {
      if (kind !== KIND.custom) throw new Error(`Written by another serializer (kind ${kind})`)
      return serializer.deserialize(bytes.subarray(at))
    },
  }
}

function prepare<V>(value: V): Prepared<V> {
  if (typeof value !== 'object' || value === null) return prepareScalar(value)
  const json = copyJson(value)
  if (json !== undefined) {
    const { copy, bytes } = json
    return { value: copy as V, bytes, encoded: () => encodeJson(copy) }
  }
  return types.isUint8Array(value) ? prepareBytes(value) : prepareRich(value)
}

function prepareScalar<V>(value: V): Prepared<V> {
  if (!isJsonScalar(value)) return prepareRich(value)
  const bytes = typeof value === 'string' ? value.length * 2 : 8
  return { value, bytes, encoded: () => encodeJson(value) }
}

function prepareBytes<V>(value: V & Uint8Array): Prepared<V> {
  const kind = Buffer.isBuffer(value) ? KIND.buffer : KIND.bytes
  const copy = decode(kind, toBuffer(value), 0) as V & Uint8Array
  return { value: copy, bytes: copy.length, encoded: () => ({ kind, payload: copy }) }
}

function prepareRich<V>(value: V): Prepared<V> {
  const text = encodeRich(value)
  const encoded = { kind: KIND.rich, payload: text }
  return { value: decodeRich(text) as V, bytes: text.length, encoded: () => encoded }
}

function encodeJson(value: unknown): Encoded {
  return { kind: KIND.json, payload: JSON.stringify(value) }
}

function encodeRich(value: unknown): string {
  try {
    return formatRich(value)
  } catch (cause) {
    throw new HotpathError(
      'ERR_CACHE_VALUE',
      `A value cannot be cached: ${(cause as Error).message}. Wanted data: no functions, symbols or promises`,
      { cause },
    )
  }
}

function decode(kind: number, bytes: Buffer, at: number): unknown {
  switch (kind) {
    case KIND.json:
      return readJson(bytes.toString('utf8', at))
    case KIND.rich:
      return decodeRich(bytes.toString('utf8', at))
    case KIND.buffer:
      return copyBytes(bytes.subarray(at))
    case KIND.bytes:
      return new Uint8Array(bytes.subarray(at))
    default:
      throw new Error(`Unknown kind of payload ${kind}`)
  }
}

/** Most values are one object with nothing in it, which its text shows faster than its members do. */
function readJson(text: string): unknown {
  const value: unknown = JSON.parse(text)
  const isFlat = text.indexOf('{', 1) === -1 && text.indexOf('[', 1) === -1
  return isFlat ? Object.freeze(value) : freezeJson(value)
}

function decodeRich(text: string): unknown {
  return deepFreeze(parseRich(text))
}

/** Not in the pool that small Buffers share: one that is kept would keep its neighbours' room. */
function copyBytes(bytes: Uint8Array): Buffer {
  const copy = Buffer.allocUnsafeSlow(bytes.length)
  copy.set(bytes)
  return copy
}

export function toBuffer(payload: string | Uint8Array): Buffer {
  if (typeof payload === 'string') return Buffer.from(payload)
  return Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength)
}
