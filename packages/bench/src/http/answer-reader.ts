const HEAD_END = Buffer.from('\r\n\r\n')
const LAST_CHUNK = '0\r\n\r\n'

/**
 * Tells where an answer ends, by its length or by its last chunk, and does as little as it can
 * beside: the client must never be what is measured. It knows that nothing is pipelined and that no
 * body has line ends in it.
 */
export class AnswerReader {
  readonly #bodyBytes: number | undefined
  readonly #status: 200 | 304 | 429
  #head: Buffer = Buffer.alloc(0)
  #isInBody = false
  /** Left of a body of known length; of a chunked one, what has come of it. */
  #count = 0
  #isChunked = false
  #tail = ''

  /** Without `bodyBytes` a body is as long as its answer says. */
  constructor(bodyBytes: number | undefined, status: 200 | 304 | 429 = 200) {
    this.#bodyBytes = bodyBytes
    this.#status = status
  }

  /** Takes what has arrived; says whether the answer is complete. Throws if it is not a right one. */
  read(chunk: Buffer): boolean {
    const isComplete = this.#isInBody ? this.#readBody(chunk) : this.#readHead(chunk)
    if (isComplete) this.#isInBody = false
    return isComplete
  }

  #readHead(chunk: Buffer): boolean {
    const bytes = this.#head.length === 0 ? chunk : Buffer.concat([this.#head, chunk])
    const end = bytes.indexOf(HEAD_END)
    // A copy, for the chunk's memory is used again.
    this.#head = end < 0 ? Buffer.from(bytes) : Buffer.alloc(0)
    if (end < 0) return false
    this.#judgeHead(bytes.toString('latin1', 0, end))
    this.#isInBody = true
    return this.#readBody(bytes.subarray(end + HEAD_END.length))
  }

  #judgeHead(head: string): void {
    const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1]
    this.#isChunked = length === undefined && /\r\ntransfer-encoding: chunked/i.test(head)
    // A 304 may say how long the body would be, and has none.
    const wanted = this.#bodyBytes ?? Number(length)
    const isLong = this.#status === 304 || this.#isChunked || Number(length) === wanted
    const isRight = head.startsWith(`HTTP/1.1 ${this.#status} `)
    if (!isRight || !isLong) throw new Error(`A wrong answer:\n${head}`)
    this.#count = this.#isChunked ? 0 : wanted
    this.#tail = ''
  }

  #readBody(chunk: Buffer): boolean {
    if (this.#isChunked) return this.#readChunked(chunk)
    this.#count -= chunk.length
    if (this.#count < 0) throw new Error('An answer longer than it said')
    return this.#count === 0
  }

  #readChunked(chunk: Buffer): boolean {
    this.#count += chunk.length
    const latest = chunk.toString('latin1', Math.max(0, chunk.length - LAST_CHUNK.length))
    this.#tail = (this.#tail + latest).slice(-LAST_CHUNK.length)
    if (this.#tail !== LAST_CHUNK) return false
    if (this.#count < (this.#bodyBytes ?? 0)) throw new Error('An answer shorter than the page')
    return true
  }
}
