import type { ServerResponse } from 'node:http'

/**
 * How fast a handler may write: as fast as its own client takes it in, until others are sent the
 * same, whom one slow client must not hold up.
 */
export class Pace {
  readonly #res: ServerResponse
  #isHeld = false
  #isFree = false

  constructor(res: ServerResponse) {
    this.#res = res
  }

  /** What the handler is told when its client does, or does not, take in more. */
  tell(isFlowing: boolean): boolean {
    this.#isHeld = !isFlowing && !this.#isFree
    return !this.#isHeld
  }

  /** It need not wait for its client any longer. */
  free(): void {
    this.#isFree = true
    if (!this.#isHeld) return
    this.#isHeld = false
    // Not from within the request of somebody else.
    process.nextTick(() => this.#res.emit('drain'))
  }

  /** It is its client's again: there is no room for all of it. */
  bind(): void {
    this.#isFree = false
  }
}
