import {
  applyFields,
  type CheckedRequest,
  createRequestLimiter,
  type RateLimiter,
  type RequestLimiter,
  type RequestLimitOptions,
  settleOnClose,
} from '@hotpath/rate-limit'
import type { NextFunction, Request, RequestHandler, Response } from 'express'

/** What {@link rateLimitMiddleware} returns. */
export interface RateLimitMiddleware extends RequestHandler {
  /** To look at, block, reset and close. */
  readonly limiter: RateLimiter<Request>
}

/**
 * Limits requests of an app, a router or a route; refuses with 429, Retry-After and a problem document.
 *
 * Without `key` a client is the address of its connection: Express's own `trust proxy` has no say, the
 * option `trustProxy` has. Given what `createRequestLimiter` made it uses that, so that several apps
 * share its counts, without Redis too; who made it closes it. Two limits of one Redis that are not to share counts need different
 * `name`s. Wrong options throw `ERR_OPTION_INVALID`.
 *
 * @example
 * ```ts
 * app.use(rateLimitMiddleware({ redis: process.env.REDIS_URL, limit: 100, window: '1m' }))
 * ```
 */
export function rateLimitMiddleware(
  options: RequestLimitOptions<Request> | RequestLimiter<Request>,
): RateLimitMiddleware {
  const limits = isLimiter(options)
    ? options
    : createRequestLimiter<Request>(options, 'rateLimitMiddleware')
  const middleware: RequestHandler = (req, res, next) => {
    const checked = limits.check(req, req)
    if (checked instanceof Promise) checked.then((found) => proceed(found, res, next), next)
    else proceed(checked, res, next)
  }
  return Object.assign(middleware, { limiter: limits.limiter })
}

function proceed(checked: CheckedRequest | undefined, res: Response, next: NextFunction): void {
  if (checked === undefined) {
    next()
    return
  }
  settleOnClose(checked, res)
  if (res.headersSent || res.destroyed) return
  applyFields(
    checked.fields,
    (name) => res.getHeader(name),
    (name, value) => res.setHeader(name, value),
  )
  const { refusal } = checked
  if (refusal === undefined) next()
  else res.status(refusal.status).setHeader('Content-Type', refusal.contentType).end(refusal.body)
}

function isLimiter(
  options: RequestLimitOptions<Request> | RequestLimiter<Request>,
): options is RequestLimiter<Request> {
  return typeof (options as Partial<RequestLimiter<Request>> | undefined)?.check === 'function'
}
