import type { Redis } from 'ioredis'
import { afterIo } from '../base/after-io.ts'
import { type Client, isCluster } from './client.ts'

/**
 * Redis answers what came in one packet together: were all commands in one, it would have nothing to
 * do while this process sees to the answers, and this process nothing while Redis works.
 */
const MOST_IN_PACKET = 16

/**
 * Gathers the commands that one turn of the event loop sends into few packets, for a system call costs
 * more than a command. ioredis's own pipelines do so too, but each waits for the answers to the last.
 */
export class WriteBatches {
  readonly #client: Redis | undefined
  #stream: Redis['stream'] | undefined
  #count = 0
  #isScheduled = false

  /** Without a client nothing is gathered: how a client of the user's own sends is the user's choice. */
  constructor(client: Client | undefined) {
    this.#client = client === undefined || isCluster(client) ? undefined : client
  }

  /** Calls `send`, which writes a command; what was gathered where it was made need not wait for others. */
  gather<T>(isGathered: boolean, send: () => T): T {
    if (isGathered) {
      this.#release()
      return send()
    }
    this.#hold()
    const sent = send()
    this.#count += 1
    if (this.#count >= MOST_IN_PACKET) this.#release()
    return sent
  }

  #release(): void {
    this.#stream?.uncork()
    this.#stream = undefined
  }

  #hold(): void {
    // None before the first connection, another after each: what cannot be held goes out by itself.
    const stream = this.#client?.stream
    if (stream === this.#stream || typeof stream?.cork !== 'function') return
    this.#release()
    stream.cork()
    this.#stream = stream
    this.#count = 0
    if (this.#isScheduled) return
    this.#isScheduled = true
    afterIo(() => {
      this.#isScheduled = false
      this.#release()
    })
  }
}
