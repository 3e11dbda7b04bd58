import type { OutgoingHttpHeader } from 'node:http'

/** Where a stored response is written to: a response, or what lies beneath one that a handler has begun. */
export interface ResponseSink {
  writeHead(status: number, head: OutgoingHttpHeader[]): unknown
  writeHead(status: number, message: string, head: OutgoingHttpHeader[]): unknown
  end(body?: Buffer): unknown
}

/** Sends another response in place of the one that a handler makes. */
export type Substitute = (sink: ResponseSink) => void
