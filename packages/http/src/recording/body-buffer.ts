const FIRST_BYTES = 1_024

/**
 * The bytes of a body as they come, copied, for what was written may be written over once it has
 * been sent. Holds no more than `maxBytes`.
 */
export class BodyBuffer {
  readonly #maxBytes: number
  #bytes: Buffer = EMPTY
  #length = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** Takes a chunk as `res.write` takes it; false when the body has become too large to hold. */
  append(chunk: unknown, encoding: BufferEncoding | undefined): boolean {
    if (typeof chunk === 'string') return this.#appendText(chunk, encoding ?? 'utf8')
    if (!(chunk instanceof Uint8Array)) return true
    if (!this.#reserve(chunk.length)) return false
    this.#bytes.set(chunk, this.#length)
    this.#length += chunk.length
    return true
  }

  get length(): number {
    return this.#length
  }

  /** The whole body, in memory of its own size; this buffer is empty afterwards. */
  take(): Buffer {
    const bytes = this.#bytes
    const length = this.#length
    this.free()
    if (bytes.length === length) return bytes
    const body = Buffer.allocUnsafeSlow(length)
    bytes.copy(body, 0, 0, length)
    return body
  }

  free(): void {
    this.#bytes = EMPTY
    this.#length = 0
  }

  #appendText(text: string, encoding: BufferEncoding): boolean {
    if (!this.#reserve(Buffer.byteLength(text, encoding))) return false
    this.#length += this.#bytes.write(text, this.#length, encoding)
    return true
  }

  /** Room for `more` bytes; the first chunk gets just what it needs, for it is mostly the only one. */
  #reserve(more: number): boolean {
    const needed = this.#length + more
    if (needed > this.#maxBytes) return false
    if (needed <= this.#bytes.length) return true
    const grown = this.#length === 0 ? more : Math.max(needed, this.#length * 2, FIRST_BYTES)
    const bytes = Buffer.allocUnsafeSlow(Math.min(grown, this.#maxBytes))
    this.#bytes.copy(bytes, 0, 0, this.#length)
    this.#bytes = bytes
    return true
  }
}

const EMPTY = Buffer.alloc(0)
