import * as devalue from 'devalue'
import { ErrorParts, reviveError } from './error-parts.ts'
import { toPlainGraph } from './plain-graph.ts'

/** Values that JSON cannot carry, as text and back: the devalue format with the types below added. */
export function formatRich(value: unknown): string {
  return devalue.stringify(toPlainGraph(value), reducers)
}

export function parseRich(text: string): unknown {
  return devalue.parse(text, revivers as Parameters<typeof devalue.parse>[1])
}

const reducers: Record<string, (value: unknown) => unknown> = {
  Buffer: (value) => Buffer.isBuffer(value) && Uint8Array.from(value),
  Error: (value) => value instanceof ErrorParts && { ...value },
}

const revivers: Record<string, (value: never) => unknown> = {
  Buffer: (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
  Error: reviveError,
}
