import { HotpathError } from '@hotpath/core'

/**
 * The store of sessions is away: the request cannot be told whose it is. Express and Fastify answer
 * it with `status` and `headers` by themselves.
 *
 * @example
 * ```ts
 * import { SessionUnavailableError } from '@hotpath/session'
 * import type { ErrorRequestHandler } from 'express'
 *
 * const onError: ErrorRequestHandler = (error, _req, res, next) => {
 *   if (!(error instanceof SessionUnavailableError)) return next(error)
 *   res.writeHead(error.status, error.headers).end('Please try again.')
 * }
 * app.use(onError)
 * ```
 */
export class SessionUnavailableError extends HotpathError {
  readonly status = 503
  readonly statusCode = 503
  /** Retry-After in seconds (RFC 9110 section 10.2.3). */
  readonly headers: { readonly 'Retry-After': string }

  constructor(cause: unknown, retryAfterSeconds = 1) {
    super('ERR_SESSION_STORE_UNAVAILABLE', 'The store of sessions is away', { cause })
    this.headers = { 'Retry-After': String(retryAfterSeconds) }
  }
}

export function sessionGone(): HotpathError {
  return new HotpathError(
    'ERR_SESSION_GONE',
    'The session was ended by another request; nothing was written',
  )
}

/**
 * Another request has changed the same key meanwhile and nothing was written: with
 * `conflict: 'reject'`, and from an `update()` that never had a turn. Express and Fastify answer it
 * with `status`.
 *
 * @example
 * ```ts
 * import { SessionConflictError } from '@hotpath/session'
 * import type { ErrorRequestHandler } from 'express'
 *
 * const onError: ErrorRequestHandler = (error, _req, res, next) => {
 *   if (!(error instanceof SessionConflictError)) return next(error)
 *   res.status(error.status).end('Somebody else was quicker: look again.')
 * }
 * app.use(onError)
 * ```
 */
export class SessionConflictError extends HotpathError {
  readonly status = 409
  readonly statusCode = 409

  constructor(keys: readonly string[]) {
    const names = keys.map((key) => JSON.stringify(key)).join(', ')
    super(
      'ERR_SESSION_CONFLICT',
      `Another request has changed ${names} meanwhile; nothing was written`,
    )
  }
}

export function sessionTooLate(): HotpathError {
  return new HotpathError(
    'ERR_SESSION_TOO_LATE',
    'No cookie can be set: the head of the response was sent already, or there is none. The change would be lost',
  )
}

export function sessionValue(key: string, wanted: string, cause?: unknown): HotpathError {
  return new HotpathError('ERR_SESSION_VALUE', `session key ${JSON.stringify(key)}: ${wanted}`, {
    cause,
  })
}
