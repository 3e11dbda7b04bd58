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

const INTERCEPTION = Symbol('hotpath.http.head-interception')

interface Intercepted extends ServerResponse {
  [INTERCEPTION]?: HeadInterception
}

/**
 * Tells `observer` of the head of a response, however the handler comes to write it: by `writeHead`
 * with any of its arguments, or implicitly. Gives the `writeHead` that was there before.
 *
 * Responses share the function in its place, as they do those of `interceptBody`.
 */
export function interceptHead(res: ServerResponse, observer: HeadObserver): WriteHead {
  const before = res.writeHead as WriteHead
  const interception = new HeadInterception(res, before, observer)
  const intercepted: Intercepted = res
  const isFirst = intercepted[INTERCEPTION] === undefined
  if (isFirst) intercepted[INTERCEPTION] = interception
  const writeHead: WriteHead = isFirst
    ? sharedWriteHead
    : (status, ...rest) => interception.write(status, rest)
  res.writeHead = writeHead as ServerResponse['writeHead']
  return before
}

function sharedWriteHead(
  this: Required<Intercepted>,
  status: number,
  ...rest: unknown[]
): ServerResponse {
  return this[INTERCEPTION].write(status, rest)
}

class HeadInterception {
  readonly #res: ServerResponse
  readonly #writeHead: WriteHead
  readonly #observer: HeadObserver
  #isWriting = false

  constructor(res: ServerResponse, writeHead: WriteHead, observer: HeadObserver) {
    this.#res = res
    this.#writeHead = writeHead
    this.#observer = observer
  }

  write(status: number, rest: readonly unknown[]): ServerResponse {
    const res = this.#res
    // Somebody's `writeHead` that calls itself, or the error that a second head is.
    if (this.#isWriting || res.headersSent) return this.#writeHead.call(res, status, ...rest)
    this.#isWriting = true
    try {
      const [message, headers] = parseRest(rest)
      applyHeaders(res, headers)
      res.statusCode = status
      if (message !== undefined) setStatusMessage(res, message)
      const head = new ResponseHead(res)
      this.#observer.beforeHead(head)
      // By a response in its place.
      if (res.headersSent) return res
      this.#writeHead.call(res, res.statusCode)
      this.#observer.afterHead?.(head)
    } finally {
      this.#isWriting = false
    }
    return res
  }
}

/** `writeHead(status[, message][, headers])` */
function parseRest([first, second]: readonly unknown[]): [string | undefined, GivenHeaders?] {
  if (typeof first === 'string') return [first, (second ?? undefined) as GivenHeaders]
  return [undefined, (second ?? first ?? undefined) as GivenHeaders]
}
