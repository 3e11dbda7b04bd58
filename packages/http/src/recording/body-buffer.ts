const SMALLEST_BLOCK = 1_024
const LARGEST_BLOCK = 64 * 1_024

interface Block {
  readonly bytes: Buffer
  /** Where in the body it begins. */
  readonly start: number
  length: number
}

/**
 * The bytes of a body as they come, copied, for what was written may be written over once it has
 * been sent. Holds no more than `maxBytes`, in blocks that stay where they are: others may read them
 * while it grows.
 */
export class BodyBuffer {
  readonly #maxBytes: number
  #blocks: Block[] = []
  #length = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** Takes a chunk as `res.write` takes it; false when the body has become too large to hold. */
  append(chunk: unknown, encoding: BufferEncoding | undefined): boolean {
    if (typeof chunk === 'string') return this.#appendText(chunk, encoding ?? 'utf8')
    if (!(chunk instanceof Uint8Array)) return true
    const block = this.#reserve(chunk.length)
    if (block === undefined) return false
    block.bytes.set(chunk, block.length)
    this.#grow(block, chunk.length)
    return true
  }

  get length(): number {
    return this.#length
  }

  /** The bytes from `at` on, as far as they lie in one piece; `undefined` where there are none yet, or no longer. */
  piece(at: number): Buffer | undefined {
    const block = this.#blockAt(at)
    if (block === undefined) return undefined
    return block.bytes.subarray(at - block.start, block.length)
  }

  /** Forgets what lies wholly before `at`, to make room. */
  dropBefore(at: number): void {
    const kept = this.#blocks.findIndex(({ start, length }) => start + length > at)
    this.#blocks.splice(0, kept < 0 ? this.#blocks.length : kept)
  }

  /** The whole body, in memory of its own size; this buffer is empty afterwards. */
  take(): Buffer {
    const blocks = this.#blocks
    const length = this.#length
    this.free()
    const [only] = blocks
    if (only === undefined) return EMPTY
    if (blocks.length === 1 && only.bytes.length === length) return only.bytes
    const body = Buffer.allocUnsafeSlow(length)
    for (const block of blocks) block.bytes.copy(body, block.start, 0, block.length)
    return body
  }

  free(): void {
    this.#blocks = []
    this.#length = 0
  }

  #appendText(text: string, encoding: BufferEncoding): boolean {
    const block = this.#reserve(Buffer.byteLength(text, encoding))
    if (block === undefined) return false
    this.#grow(block, block.bytes.write(text, block.length, encoding))
    return true
  }

  #grow(block: Block, by: number): void {
    block.length += by
    this.#length += by
  }

  /** A block with room for `more` bytes; the first has just that, for it is mostly the only one. */
  #reserve(more: number): Block | undefined {
    const [first] = this.#blocks
    const held = first === undefined ? 0 : this.#length - first.start
    if (held + more > this.#maxBytes) return undefined
    const last = this.#blocks.at(-1)
    if (last !== undefined && last.bytes.length - last.length >= more) return last
    const usual = Math.min(Math.max(this.#length, SMALLEST_BLOCK), LARGEST_BLOCK)
    const wanted = first === undefined ? more : Math.max(more, usual)
    const size = Math.min(wanted, this.#maxBytes - held)
    const block = { bytes: Buffer.allocUnsafeSlow(size), start: this.#length, length: 0 }
    this.#blocks.push(block)
    return block
  }

  #blockAt(at: number): Block | undefined {
    let low = 0
    let high = this.#blocks.length - 1
    while (low <= high) {
      const middle = (low + high) >> 1
      const block = this.#blocks[middle] as Block
      if (at < block.start) high = middle - 1
      else if (at >= block.start + block.length) low = middle + 1
      else return block
    }
    return undefined
  }
}

const EMPTY = Buffer.alloc(0)
