import { connect, type Socket } from 'node:net'
import { AnswerReader } from './answer-reader.ts'

/** What a connection asks for, and how long the body must be. */
export interface Exchange {
  readonly port: number
  readonly path: string
  readonly bodyBytes: number
  readonly cookie?: string | undefined
}

/** One kept-alive connection that sends a request at a time, without pipelining. */
export class Connection {
  readonly #request: Buffer
  readonly #socket: Socket
  readonly #reader: AnswerReader
  /** Settles when the connection is there. */
  readonly opened: Promise<void>
  #answered: () => void = () => {}
  #fail: (error: unknown) => void = () => {}

  constructor({ port, path, bodyBytes, cookie }: Exchange) {
    this.#request = Buffer.from(formatRequest(port, path, cookie))
    this.#reader = new AnswerReader(bodyBytes)
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
        if (mayContinue()) this.#socket.write(this.#request)
        else resolve(count)
      }
      this.#socket.write(this.#request)
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

function formatRequest(port: number, path: string, cookie: string | undefined): string {
  const lines = [
    `GET ${path} HTTP/1.1`,
    `Host: 127.0.0.1:${port}`,
    'User-Agent: hotpath-bench',
    'Accept: application/json',
    ...(cookie === undefined ? [] : [`Cookie: ${cookie}`]),
  ]
  return `${lines.join('\r\n')}\r\n\r\n`
}
