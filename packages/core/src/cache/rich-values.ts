import * as devalue from 'devalue'
import { ErrorParts, reviveError } from './error-parts.ts'
import { toPlainGraph } from './plain-graph.ts'

/** Values that JSON cannot carry, as text and back: the devalue format with the types below added. */
export function formatRich(value: unknown): string {
  return devalue.stringify(toPlainGraph(value), reducers)
}

export function parseRich(text: string): unknown {
  return devalue.parse(text, revivers)
}

const reducers: Record<string, (value: unknown) => unknown> = {
  Buffer: (value) => Buffer.isBuffer(value) && new Uint8Array(value),
  Error: (value) => value instanceof ErrorParts && { ...value },
}

const revivers: Record<string, (stored: unknown) => unknown> = {
  Buffer: reviveBuffer,
  Error: reviveError,
}

function reviveBuffer(bytes: unknown): Buffer {
  if (!(bytes instanceof Uint8Array)) throw new TypeError('A Buffer without bytes')
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
