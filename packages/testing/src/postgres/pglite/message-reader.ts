/** A client asks for encryption before it says anything else; the numbers stand for versions. */
const WANTS_TLS = 80_877_103
const WANTS_GSS = 80_877_104

/** After these the server has something to say; what comes before belongs to them. */
const AWAITS_ANSWER = new Set(['Q', 'S', 'H', 'F', 'c', 'f'])

/** What a client of PostgreSQL has said. */
export type ClientWords =
  | { kind: 'encrypt' }
  | { kind: 'start'; bytes: Buffer }
  | { kind: 'ask'; bytes: Buffer }
  | { kind: 'leave' }

/** Cuts a client's bytes (protocol 3.0) into what is to be answered as one. */
export class MessageReader {
  #bytes: Buffer = Buffer.alloc(0)
  #hasStarted = false
  /** How far the messages that await no answer of their own reach. */
  #askedBytes = 0

  read(chunk: Buffer): ClientWords[] {
    this.#bytes = Buffer.concat([this.#bytes, chunk])
    const all: ClientWords[] = []
    for (let words = this.#next(); words !== undefined; words = this.#next()) all.push(words)
    return all
  }

  #next(): ClientWords | undefined {
    return this.#hasStarted ? this.#nextAsked() : this.#nextBeforeStart()
  }

  #nextBeforeStart(): ClientWords | undefined {
    const length = this.#readLength(0)
    if (length === undefined || this.#bytes.length < length) return undefined
    const bytes = this.#take(length)
    const version = bytes.readInt32BE(4)
    if (version === WANTS_TLS || version === WANTS_GSS) return { kind: 'encrypt' }
    this.#hasStarted = true
    return { kind: 'start', bytes }
  }

  #nextAsked(): ClientWords | undefined {
    for (;;) {
      const length = this.#readLength(this.#askedBytes + 1)
      const end = this.#askedBytes + 1 + (length ?? 0)
      if (length === undefined || this.#bytes.length < end) return undefined
      const type = String.fromCharCode(this.#bytes[this.#askedBytes] ?? 0)
      this.#askedBytes = end
      if (type === 'X') return { kind: 'leave' }
      if (AWAITS_ANSWER.has(type)) return { kind: 'ask', bytes: this.#take(end) }
    }
  }

  #readLength(offset: number): number | undefined {
    return this.#bytes.length < offset + 4 ? undefined : this.#bytes.readInt32BE(offset)
  }

  #take(length: number): Buffer {
    const taken = this.#bytes.subarray(0, length)
    this.#bytes = this.#bytes.subarray(length)
    this.#askedBytes = 0
    return taken
  }
}
