import type { Socket } from 'node:net'
import type { PGlite } from '@electric-sql/pglite'
import { type ClientWords, MessageReader } from './message-reader.ts'
import type { Turns } from './turns.ts'

const ROLLBACK = formatQuery('ROLLBACK')

/**
 * Serves one client. PGlite has a single session, so that a client keeps the turn from the first
 * message of a transaction to its end.
 */
export class PGliteSession {
  readonly #socket: Socket
  readonly #database: PGlite
  readonly #turns: Turns<PGliteSession>
  readonly #reader = new MessageReader()

  constructor(socket: Socket, database: PGlite, turns: Turns<PGliteSession>) {
    this.#socket = socket
    this.#database = database
    this.#turns = turns
  }

  /** Answers the client until it leaves. */
  async serve(): Promise<void> {
    try {
      for await (const chunk of this.#socket) {
        for (const words of this.#reader.read(chunk)) await this.#answer(words)
      }
    } finally {
      this.#socket.destroy()
      await this.#leave()
    }
  }

  async #answer(words: ClientWords): Promise<void> {
    if (words.kind === 'encrypt') this.#socket.write('N')
    else if (words.kind === 'leave') this.#socket.end()
    else await this.#ask(words.bytes)
  }

  async #ask(bytes: Buffer): Promise<void> {
    await this.#turns.take(this)
    const answer = await this.#database.execProtocolRaw(bytes)
    if (endsOutsideTransaction(answer)) this.#turns.give(this)
    this.#socket.write(answer)
  }

  async #leave(): Promise<void> {
    if (!this.#turns.has(this)) return
    await this.#database.execProtocolRaw(ROLLBACK)
    this.#turns.give(this)
  }
}

/** Whether the last message is ReadyForQuery with the status "idle". */
function endsOutsideTransaction(answer: Uint8Array): boolean {
  const last = Buffer.from(answer.subarray(-6)).toString('latin1')
  return last === 'Z\0\0\0\x05I'
}

function formatQuery(text: string): Buffer {
  const body = Buffer.from(`${text}\0`)
  const head = Buffer.from('Q\0\0\0\0')
  head.writeInt32BE(body.length + 4, 1)
  return Buffer.concat([head, body])
}
