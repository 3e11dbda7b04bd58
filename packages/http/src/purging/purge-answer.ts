import { type ServerResponse, STATUS_CODES } from 'node:http'
import type { HotpathError, Invalidated } from '@hotpath/core'

export type PurgeAnswer = Invalidated

/** Why a purge is refused, as its sender is told (RFC 9457). */
export class PurgeProblem extends Error {
  readonly status: number

  constructor(status: number, detail: string) {
    super(detail)
    this.status = status
  }
}

export function sendAnswer(res: ServerResponse, answer: PurgeAnswer): void {
  send(res, 200, 'application/json', answer)
}

/** Tells a sender what was wrong. Throws what was not the sender's fault. */
export function sendProblem(res: ServerResponse, error: unknown): void {
  const { status, message } = toProblem(error)
  if (status === 429) res.setHeader('Retry-After', '1')
  // What is left of a body that was not read must not be taken for the next request.
  if (status === 413) res.setHeader('Connection', 'close')
  const problem = { title: STATUS_CODES[status], status, detail: message }
  send(res, status, 'application/problem+json', problem)
}

function toProblem(error: unknown): PurgeProblem {
  if (error instanceof PurgeProblem) return error
  const isTheirs = (error as HotpathError).code === 'ERR_OPTION_INVALID'
  if (isTheirs) return new PurgeProblem(400, (error as Error).message)
  throw error
}

function send(res: ServerResponse, status: number, type: string, value: unknown): void {
  const body = JSON.stringify(value)
  res.statusCode = status
  res.setHeader('Cache-Control', 'no-store')
  res.setHeader('Content-Type', type)
  res.setHeader('Content-Length', Buffer.byteLength(body))
  res.end(body)
}
