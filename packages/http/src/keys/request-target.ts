import type { IncomingMessage } from 'node:http'

/** A request as frameworks hand it on: `originalUrl` is what the client asked for, when `url` no longer is. */
export interface RoutedMessage extends IncomingMessage {
  originalUrl?: string
}

/** The path and query that the client asked for. */
export function requestTarget(req: RoutedMessage): string {
  return req.originalUrl ?? req.url ?? '/'
}

/** A target at its first question mark; `query` has none of it and is `undefined` where there is none. */
export function splitTarget(target: string): { path: string; query: string | undefined } {
  const mark = target.indexOf('?')
  return mark < 0
    ? { path: target, query: undefined }
    : { path: target.slice(0, mark), query: target.slice(mark + 1) }
}
