import type { Serializer } from '@hotpath/core'
import { readParts } from './read-parts.ts'
import { StoredResponse } from './stored-response.ts'

/*
 * What lies in Redis for one response: a version, the length of the head, the head as JSON, and the
 * body as it is to the end.
 */
const VERSION = 2
const HEADER_BYTES = 5

/** Keeps stored responses in memory as they are, and writes them to Redis with the body outside of the JSON. */
export const responseSerializer: Serializer<StoredResponse> = {
  serialize: writeResponse,
  deserialize: readResponse,
  sizeOf: ({ bytes }) => bytes,
}

function writeResponse({ parts, body }: StoredResponse): Buffer {
  const head = JSON.stringify(parts)
  const headBytes = Buffer.byteLength(head)
  const bytes = Buffer.allocUnsafe(HEADER_BYTES + headBytes + body.length)
  bytes[0] = VERSION
  bytes.writeUInt32LE(headBytes, 1)
  bytes.write(head, HEADER_BYTES)
  body.copy(bytes, HEADER_BYTES + headBytes)
  return bytes
}

function readResponse(bytes: Buffer): StoredResponse {
  if (bytes[0] !== VERSION) throw new Error(`Response of version ${bytes[0]}, wanted ${VERSION}`)
  const bodyAt = HEADER_BYTES + bytes.readUInt32LE(1)
  if (bodyAt > bytes.length) throw new Error('Response cut short')
  const parts = readParts(bytes.toString('utf8', HEADER_BYTES, bodyAt))
  return new StoredResponse(parts, ownBody(bytes.subarray(bodyAt)))
}

/** The body alone: a slice would keep alive all that came over the wire with it. */
function ownBody(slice: Buffer): Buffer {
  const isMostOfIt = slice.length * 2 >= slice.buffer.byteLength
  if (isMostOfIt) return slice
  const body = Buffer.allocUnsafeSlow(slice.length)
  slice.copy(body)
  return body
}
