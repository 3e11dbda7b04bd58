import type { ServerResponse } from 'node:http'
import { afterIo } from '@hotpath/core/base'
import type { BodyBuffer } from './body-buffer.ts'

/** So much is written to all of them together before the server does something else. */
const TURN_BYTES = 1_024 * 1_024

/** So much is written to one of them before it is the next one's turn. */
const LARGEST_PIECE = 64 * 1_024

/** The same of the very first bytes, which everybody is to have soon. */
const FIRST_PIECE = 16 * 1_024

/** One who is sent a response while it is recorded. */
interface Follower {
  readonly res: ServerResponse
  /** How much of the body it has been given. */
  at: number
  /** It has to take in first what it was given. */
  isFull: boolean
}

/**
 * A body that is sent to others while it is recorded. All read the same bytes, each at its own pace:
 * a slow one holds up nobody, and costs no more than its place.
 *
 * They are served in turn, a piece each and not too much at a time: a thousand of them would else
 * keep the handler from going on, and those who come later from their first byte.
 */
export class LiveResponse {
  readonly #followers = new Set<Follower>()
  /** Those who are to have its first bytes, and come before the others. */
  readonly #starters = new Set<Follower>()
  /** Those who may be given more, in the order of their turns. */
  readonly #queue = new Set<Follower>()
  #body: BodyBuffer | undefined
  #whole: Buffer | undefined
  #isOver = false
  #isTurnDue = false

  constructor(body: BodyBuffer) {
    this.#body = body
  }

  get isFollowed(): boolean {
    return this.#followers.size > 0
  }

  /** Sends all of the body, from its beginning, to a response whose head has been written. */
  follow(res: ServerResponse): void {
    const follower: Follower = { res, at: 0, isFull: false }
    this.#followers.add(follower)
    res.once('close', () => this.#drop(follower))
    res.on('drain', () => {
      follower.isFull = false
      this.#enqueue(follower)
    })
    // Head and first bytes in one go.
    if (this.#feed(follower) === 0) res.flushHeaders()
  }

  /** There is more of it. */
  grew(): void {
    for (const follower of this.#followers) this.#enqueue(follower)
  }

  /** This is all of it. */
  ended(whole: Buffer): void {
    this.#whole = whole
    this.#body = undefined
    this.#isOver = true
    this.grew()
  }

  /** It is too large to be kept: what nobody needs any more is forgotten, and who lags far behind is let go. */
  trim(longestLag: number): void {
    const length = this.#body?.length ?? 0
    let slowest = length
    for (const { res, at } of this.#followers) {
      if (length - at > longestLag) res.destroy()
      else slowest = Math.min(slowest, at)
    }
    this.#body?.dropBefore(slowest)
  }

  /** It has come to its end without being kept: who has all that there is, has all of it. */
  endedUnkept(): void {
    this.#isOver = true
    this.grew()
  }

  /** It breaks off, and so it does for all. */
  failed(): void {
    for (const { res } of this.#followers) res.destroy()
    this.#followers.clear()
    this.#starters.clear()
    this.#queue.clear()
  }

  #enqueue(follower: Follower): void {
    if (follower.isFull || !this.#followers.has(follower)) return
    const queue = follower.at === 0 ? this.#starters : this.#queue
    queue.add(follower)
    if (this.#isTurnDue) return
    this.#isTurnDue = true
    afterIo(() => {
      this.#isTurnDue = false
      this.#serve()
    })
  }

  #serve(): void {
    const left = this.#serveFrom(this.#starters, TURN_BYTES)
    this.#serveFrom(this.#queue, left)
    const next = first(this.#starters) ?? first(this.#queue)
    if (next !== undefined) this.#enqueue(next)
  }

  #serveFrom(queue: Set<Follower>, bytes: number): number {
    let left = bytes
    for (const follower of queue) {
      if (left <= 0) break
      queue.delete(follower)
      left -= this.#feed(follower)
    }
    return left
  }

  /** Gives one of them a piece, or its end; how many bytes that was. */
  #feed(follower: Follower): number {
    const { res, at } = follower
    const piece = this.#piece(at, at === 0 ? FIRST_PIECE : LARGEST_PIECE)
    if (piece !== undefined) {
      follower.at += piece.length
      follower.isFull = !res.write(piece)
      this.#enqueue(follower)
      return piece.length
    }
    if (this.#isOver) {
      this.#drop(follower)
      res.end()
    }
    return 0
  }

  #piece(at: number, largest: number): Buffer | undefined {
    if (this.#whole === undefined) return this.#body?.piece(at)?.subarray(0, largest)
    return at < this.#whole.length ? this.#whole.subarray(at, at + largest) : undefined
  }

  #drop(follower: Follower): void {
    this.#followers.delete(follower)
    this.#starters.delete(follower)
    this.#queue.delete(follower)
  }
}

function first<T>(queue: ReadonlySet<T>): T | undefined {
  for (const item of queue) return item
  return undefined
}
