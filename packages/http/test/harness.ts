import {
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ResponseCache, ResponseCacheOptions } from '@hotpath/http'

/** What the requests of all frameworks have in common. */
export interface SuiteRequest {
  readonly headers: IncomingHttpHeaders
  readonly method?: string | undefined
  readonly url?: string | undefined
}

export type SuiteOptions = ResponseCacheOptions<SuiteRequest>

/** What answers in a test, behind whatever framework. */
export type Handler = (req: IncomingMessage, res: ServerResponse) => unknown

/** A server with a cache in front of a handler. */
export interface CachedServer {
  readonly port: number
  readonly responses: Pick<ResponseCache, 'purge'>
  close(): Promise<void>
}

/** How one framework serves a handler through the cache. */
export interface Driver {
  readonly name: string
  start(handler: Handler, options: SuiteOptions): Promise<CachedServer>
}

/** What each part of the suite is given. */
export interface Bench {
  readonly store: 'memory' | 'Redis'
  /** Serves a handler through the cache until the test is over. */
  serve(handler: Handler, options?: SuiteOptions): Promise<CachedServer>
  /** The options of a store of its own; those that give the same one share it. */
  newStore(): SuiteOptions
}

/** What a client got. */
export interface Reply {
  readonly status: number
  readonly statusMessage: string
  readonly headers: IncomingHttpHeaders
  readonly rawHeaders: readonly string[]
  readonly body: Buffer
  readonly text: string
  /** The Cache-Status field. */
  readonly cache: string
}

/**
 * In Cache-Status: served from the store, or from the load that had stored it all but in Redis when
 * the next request came.
 */
export const SERVED: RegExp = /; hit;|; collapsed;/

export interface Sent {
  readonly method?: string
  readonly headers?: Record<string, string | string[]>
  readonly body?: string
}

/** Sends one request on a connection of its own. */
export function send(port: number, path: string, sent: Sent = {}): Promise<Reply> {
  const { method = 'GET', headers = {}, body } = sent
  return new Promise((resolve, reject) => {
    const outgoing = request({ port, path, method, headers, agent: false }, (incoming) => {
      collect(incoming).then(resolve, reject)
    })
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}

/** The rest of a response that has begun. */
export async function collect(incoming: IncomingMessage): Promise<Reply> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  const body = Buffer.concat(chunks)
  const { statusCode = 0, statusMessage = '', headers, rawHeaders } = incoming
  const cache = String(headers['cache-status'] ?? '')
  return {
    status: statusCode,
    statusMessage,
    headers,
    rawHeaders,
    body,
    text: body.toString(),
    cache,
  }
}

/** Listens on any port of the loopback interface. */
export async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

export async function closeServer(server: Server): Promise<void> {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
}

/** A handler that says how often it has been called, with the fields given. */
export function counting(
  fields: Record<string, string | string[]> = {},
): Handler & { calls: number } {
  const handler = (_req: IncomingMessage, res: ServerResponse): void => {
    handler.calls += 1
    for (const [name, value] of Object.entries(fields)) res.setHeader(name, value)
    res.end(`run ${handler.calls}`)
  }
  handler.calls = 0
  return handler
}
