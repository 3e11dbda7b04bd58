import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'

/**
 * Puts `Server-Timing: app;dur=0.12` on each response: the milliseconds from the request to the
 * response's head, for the page and for curl.
 *
 * It wraps the whole app, cache included. The cache wraps the response later and so records the head
 * before the field is added: a hit tells its own time, not that of the response it was made from.
 */
export function withServerTiming(app: RequestListener): RequestListener {
  return (req: IncomingMessage, res: ServerResponse) => {
    const start = performance.now()
    const writeHead = res.writeHead
    res.writeHead = function timed(this: ServerResponse, ...head: unknown[]) {
      res.setHeader('Server-Timing', `app;dur=${(performance.now() - start).toFixed(3)}`)
      return Reflect.apply(writeHead, res, head)
    }
    app(req, res)
  }
}
