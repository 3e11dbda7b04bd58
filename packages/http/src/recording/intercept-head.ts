import type { ServerResponse } from 'node:http'
import { applyHeaders, type GivenHeaders, ResponseHead, setStatusMessage } from './response-head.ts'

/** What is done when a head is written. */
export interface HeadObserver {
  /**
   * It is about to be written: status and fields may still be changed, or another response sent in
   * its place. What it throws reaches the handler.
   */
  beforeHead(head: ResponseHead): void
  /** It has been written, by us and by whatever else had a hand in it. */
  afterHead?(head: ResponseHead): void
}

/** `writeHead` with any of its arguments. */
export type WriteHead = (status: number, ...rest: unknown[]) => ServerResponse

/**
 * Tells `observer` of the head of a response, however the handler comes to write it: by `writeHead`
 * with any of its arguments, or implicitly. Gives the `writeHead` that was there before.
 */
export function interceptHead(res: ServerResponse, observer: HeadObserver): WriteHead {
  const writeHead = res.writeHead as WriteHead
  let isWriting = false

  const intercepted: WriteHead = (status, ...rest) => {
    // Somebody's `writeHead` that calls itself, or the error that a second head is.
    if (isWriting || res.headersSent) return writeHead.call(res, status, ...rest)
    isWriting = true
    try {
      const [message, headers] = parseRest(rest)
      applyHeaders(res, headers)
      res.statusCode = status
      if (message !== undefined) setStatusMessage(res, message)
      const head = new ResponseHead(res)
      observer.beforeHead(head)
      // By a response in its place.
      if (res.headersSent) return res
      writeHead.call(res, res.statusCode)
      observer.afterHead?.(head)
    } finally {
      isWriting = false
    }
    return res
  }
  res.writeHead = intercepted as ServerResponse['writeHead']
  return writeHead
}

/** `writeHead(status[, message][, headers])` */
function parseRest([first, second]: readonly unknown[]): [string | undefined, GivenHeaders?] {
  if (typeof first === 'string') return [first, (second ?? undefined) as GivenHeaders]
  return [undefined, (second ?? first ?? undefined) as GivenHeaders]
}
