import type { ServerResponse } from 'node:http'
import type { BodyBuffer } from './body-buffer.ts'

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
 */
export class LiveResponse {
  readonly #followers = new Set<Follower>()
  #body: BodyBuffer | undefined
  #whole: Buffer | undefined
  #isOver = false

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
    res.once('close', () => this.#followers.delete(follower))
    res.on('drain', () => {
      follower.isFull = false
      this.#feed(follower)
    })
    this.#feed(follower)
  }

  /** There is more of it. */
  grew(): void {
    for (const follower of this.#followers) this.#feed(follower)
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
  }

  #feed(follower: Follower): void {
    const { res } = follower
    while (!follower.isFull) {
      const piece = this.#piece(follower.at)
      if (piece === undefined) break
      follower.at += piece.length
      follower.isFull = !res.write(piece)
    }
    if (follower.isFull || !this.#isOver) return
    this.#followers.delete(follower)
    res.end()
  }

  #piece(at: number): Buffer | undefined {
    if (this.#whole === undefined) return this.#body?.piece(at)
    return at < this.#whole.length ? this.#whole.subarray(at, at + LARGEST_PIECE) : undefined
  }
}

const LARGEST_PIECE = 64 * 1_024
