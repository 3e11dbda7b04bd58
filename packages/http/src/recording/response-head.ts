import type { OutgoingHttpHeader, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { joinLines } from '../fields/list.ts'
import type { Fields } from '../framework-port.ts'
import type { HeadView } from '../rules/head-view.ts'

/** A field's value: one line, or several. */
export type FieldValue = string | readonly string[]

/** What `shouldStore` and `tags` are told of a response. */
export interface ResponseView {
  readonly statusCode: number
  /** A field by its name, whatever its case; several lines are joined. */
  getHeader(name: string): string | undefined
}

/** The head of a response that is about to be written, read from where Node keeps it. */
export class ResponseHead implements HeadView, ResponseView {
  readonly #res: ServerResponse

  constructor(res: ServerResponse) {
    this.#res = res
  }

  get status(): number {
    return this.#res.statusCode
  }

  get statusCode(): number {
    return this.#res.statusCode
  }

  get(name: string): string | undefined {
    return joinLines(this.#res.getHeader(name))
  }

  getHeader(name: string): string | undefined {
    return this.get(name)
  }

  /** What was set in place of the usual reason phrase; else empty. */
  get statusMessage(): string {
    return isHttp2(this.#res) ? '' : (this.#res.statusMessage ?? '')
  }

  /** Every field: its name as it was written, and its value. */
  *fields(): Generator<[name: string, value: FieldValue]> {
    for (const name of namesOf(this.#res)) {
      const value = this.#res.getHeader(name)
      if (value !== undefined) yield [name, typeof value === 'number' ? String(value) : value]
    }
  }
}

/** Sets the reason phrase; empty for the usual one. HTTP/2 has none. */
export function setStatusMessage(res: ServerResponse, message: string): void {
  if (!isHttp2(res)) res.statusMessage = message
}

/** Takes off whatever has been set, but for these fields. */
export function resetFields(res: ServerResponse, fields: Fields): void {
  for (const name of res.getHeaderNames()) res.removeHeader(name)
  for (const [name, value] of Object.entries(fields)) {
    if (value !== undefined) res.setHeader(name, value)
  }
  setStatusMessage(res, '')
}

function isHttp2(res: ServerResponse): boolean {
  return 'stream' in res
}

/** The names of the fields set so far, in the case in which they will be sent. */
function namesOf(res: ServerResponse): string[] {
  // HTTP/2 knows no case, and has no such method.
  const raw = 'getRawHeaderNames' in res ? (res as RawNames).getRawHeaderNames() : undefined
  return raw ?? res.getHeaderNames()
}

interface RawNames {
  getRawHeaderNames(): string[]
}

/** What `writeHead` takes as its fields. */
export type GivenHeaders = OutgoingHttpHeaders | readonly (OutgoingHttpHeader | [string, string])[]

/**
 * Sets the fields given to `writeHead` beside those set before it, as `writeHead` itself would: they
 * replace fields of their names, and an array may name a field more than once.
 */
export function applyHeaders(res: ServerResponse, headers: GivenHeaders | undefined): void {
  if (headers === undefined) return
  if (!Array.isArray(headers)) {
    for (const [name, value] of Object.entries(headers)) res.setHeader(name, value as string)
    return
  }
  const pairs = pairsOf(headers)
  for (const [name] of pairs) res.removeHeader(name)
  for (const [name, value] of pairs) {
    const before = res.getHeader(name)
    res.setHeader(name, before === undefined ? value : [linesOf(before), linesOf(value)].flat())
  }
}

function linesOf(value: OutgoingHttpHeader): string[] {
  return Array.isArray(value) ? value : [String(value)]
}

type Pair = [name: string, value: OutgoingHttpHeader]

function pairsOf(headers: readonly unknown[]): Pair[] {
  if (headers.every(Array.isArray)) return headers as unknown[] as Pair[]
  const pairs: Pair[] = []
  for (let index = 0; index + 1 < headers.length; index += 2) {
    pairs.push([String(headers[index]), headers[index + 1] as OutgoingHttpHeader])
  }
  return pairs
}
