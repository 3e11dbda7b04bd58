import { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'

/** A request that no client has sent. */
export interface DetachedRequest {
  /** Path and query. */
  readonly target: string
  readonly headers: Readonly<Record<string, string>>
  /** The peer that it claims to come from: what proxies say is believed by who they are. */
  readonly remoteAddress: string | undefined
  readonly isEncrypted: boolean
}

/** Node's own request and response, as a server would make them, with nobody at the other end. */
export interface DetachedExchange {
  readonly req: IncomingMessage
  /** What is written to it is dropped. It emits `close` when the handler is done with it. */
  readonly res: ServerResponse
}

/**
 * Makes a GET to be given to a request listener. Frameworks put their own prototypes upon requests
 * and responses, and expect Node's beneath them: look-alikes would have to change the framework's.
 */
export function createDetachedExchange(request: DetachedRequest): DetachedExchange {
  const socket = createSocket(request)
  const req = new IncomingMessage(socket)
  req.method = 'GET'
  req.url = request.target
  req.httpVersion = '1.1'
  req.httpVersionMajor = 1
  req.httpVersionMinor = 1
  Object.assign(req.headers, request.headers)
  req.rawHeaders.push(...Object.entries(request.headers).flat())
  req.complete = true
  req.push(null)
  const res = new ServerResponse(req)
  res.assignSocket(socket)
  res.once('finish', () => {
    res.detachSocket(socket)
    process.nextTick(() => res.emit('close'))
  })
  return { req, res }
}

/** Takes everything and says nothing. What a handler may ask of a socket beside that, it may ask in vain. */
function createSocket({ remoteAddress, isEncrypted }: DetachedRequest): Socket {
  const stream = new Duplex({
    read() {},
    write: (_chunk, _encoding, done) => done(),
  })
  const ignore = (): Duplex => stream
  const about = {
    remoteAddress,
    ...(isEncrypted ? { encrypted: true } : {}),
    setTimeout: ignore,
    setKeepAlive: ignore,
    setNoDelay: ignore,
    ref: ignore,
    unref: ignore,
  }
  // The part of a socket that requests and responses use.
  return Object.assign(stream, about) as unknown as Socket
}
