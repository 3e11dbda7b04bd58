import { connect, type Socket } from 'node:net'
import { AnswerReader } from './answer-reader.ts'

/** What a connection asks for, and what the answer must be. */
export interface Exchange {
  readonly port: number
  readonly path: string
  /** Each request asks for a URL that nobody has asked for before. */
  readonly isUnseen?: boolean | undefined
  readonly cookie?: string | undefined
  /** The entity tag of a copy that the client has: the answer must be that it is still good. */
  readonly etag?: string | undefined
  /** The answer must be a refusal by a rate limit, whatever it says. */
  readonly isRefused?: boolean | undefined
  readonly bodyBytes: number
}

/** Of all connections of this process, so that no two of them ask for the same. */
let unseen = 0

/** One kept-alive connection that sends a request at a time, without pipelining. */
export class Connection {
  readonly #nextRequest: () => Buffer | string
  readonly #socket: Socket
  readonly #reader: AnswerReader
  /** Settles when the connection is there. */
  readonly opened: Promise<void>
  #answered: () => void = () => {}
  #fail: (error: unknown) => void = () => {}

  constructor(exchange: Exchange) {
    const { port } = exchange
    this.#nextRequest = requestsOf(exchange)
    this.#reader = readerOf(exchange)
    this.#socket = connect({
      port,
      host: '127.0.0.1',
      noDelay: true,
      onread: {
        buffer: Buffer.allocUnsafe(64 * 1024),
        callback: (count, buffer) => this.#read((buffer as Buffer).subarray(0, count)),
      },
    })
    this.opened = new Promise((resolve, reject) => {
      this.#socket.once('connect', resolve)
      this.#fail = reject
    })
    this.#socket.on('error', (error) => this.#fail(error))
    this.#socket.on('close', () => this.#fail(new Error('The server closed the connection')))
  }

  /** Sends requests, each when the one before is answered, while `mayContinue`; counts them. */
  run(mayContinue: () => boolean): Promise<number> {
    return new Promise((resolve, reject) => {
      let count = 0
      this.#fail = reject
      this.#answered = () => {
        count += 1
        if (mayContinue()) this.#socket.write(this.#nextRequest())
        else resolve(count)
      }
      this.#socket.write(this.#nextRequest())
    })
  }

  close(): void {
    this.#fail = () => {}
    this.#socket.destroy()
  }

  #read(chunk: Buffer): boolean {
    try {
      if (this.#reader.read(chunk)) this.#answered()
    } catch (error) {
      this.#fail(error)
    }
    return true
  }
}

function readerOf({ bodyBytes, etag, isRefused }: Exchange): AnswerReader {
  if (isRefused) return new AnswerReader(undefined, 429)
  return etag === undefined ? new AnswerReader(bodyBytes) : new AnswerReader(0, 304)
}

function requestsOf({ port, path, isUnseen, cookie, etag }: Exchange): () => Buffer | string {
  const lines = [
    `Host: 127.0.0.1:${port}`,
    'User-Agent: hotpath-bench',
    'Accept: application/json',
    ...(cookie === undefined ? [] : [`Cookie: ${cookie}`]),
    ...(etag === undefined ? [] : [`If-None-Match: ${etag}`]),
  ]
  const rest = ` HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`
  if (isUnseen) {
    return () => {
      unseen += 1
      return `GET ${path}?n=${unseen}${rest}`
    }
  }
  const request = Buffer.from(`GET ${path}${rest}`)
  return () => request
}
