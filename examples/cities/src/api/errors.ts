import { SessionUnavailableError } from '@hotpath/session'
import type { Answer } from './api.ts'

/**
 * What the client is told of an error. Those that carry a status of 4xx (our own, and the
 * frameworks' about unreadable bodies) say what the client did wrong; others only that we failed.
 */
export function answerError(error: unknown): Answer {
  if (error instanceof SessionUnavailableError) return answerUnavailable(error)
  const status = statusOf(error)
  if (status >= 400 && status < 500) return { status, body: { error: messageOf(error) } }
  console.error(error)
  return { status: 500, body: { error: 'This did not work; the program that serves it says why' } }
}

/** Redis is away, and what was asked for cannot be told without it. */
function answerUnavailable({ status, headers }: SessionUnavailableError): Answer {
  return { status, headers, body: { error: 'This has to wait until Redis is back' } }
}

/** Express errors have `status`, Fastify's `statusCode`. */
function statusOf(error: unknown): number {
  const { status, statusCode } = Object(error) as { status?: unknown; statusCode?: unknown }
  return Number(status ?? statusCode ?? 500)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
