import type { Socket } from 'node:net'
import type { Conditions } from './conditions.ts'

interface Parcel {
  /** `undefined` stands for the end of the stream. */
  readonly chunk: Buffer | undefined
  readonly arrivedMs: number
}

/** Beyond this many waiting bytes the sender is held back, as by any real network. */
const MAX_WAITING_BYTES = 256 * 1024

/** One direction of a connection: carries bytes from a socket to another, in order. */
export class OneWay {
  readonly #from: Socket
  readonly #to: Socket
  readonly #conditions: Conditions
  readonly #isSpared: boolean
  #parcels: Parcel[] = []
  #waitingBytes = 0
  #isCut = false
  #timer: NodeJS.Timeout | undefined
  #breakOff: (() => void) | undefined

  constructor(from: Socket, to: Socket, conditions: Conditions, isSpared: boolean) {
    this.#from = from
    this.#to = to
    this.#conditions = conditions
    this.#isSpared = isSpared
    from.on('data', (chunk: Buffer) => this.#accept(chunk))
    from.on('end', () => this.#accept(undefined))
    to.on('drain', () => this.update())
  }

  /** Carries what may be carried now; called whenever the conditions have changed. */
  update(): void {
    clearTimeout(this.#timer)
    if (!this.#conditions.isStalled) {
      this.#breakOff?.()
      this.#breakOff = undefined
      this.#deliverDue()
    }
    this.#holdBackOrRead()
  }

  /** The sender is gone: `act` tells the receiver, at once or when the stall is over. */
  tellOfLoss(act: () => void): void {
    if (this.#conditions.isStalled) this.#breakOff ??= act
    else act()
  }

  /** Ends the receiver's stream now and loses everything that comes after. */
  cut(): void {
    this.#isCut = true
    this.#to.end()
  }

  /** Nothing will be carried any more. */
  close(): void {
    clearTimeout(this.#timer)
    this.#parcels = []
  }

  #accept(chunk: Buffer | undefined): void {
    this.#waitingBytes += chunk?.length ?? 0
    this.#parcels.push({ chunk, arrivedMs: performance.now() })
    this.update()
  }

  get #delayMs(): number {
    const { delayMs, isUneven } = this.#conditions
    return isUneven && this.#isSpared ? 0 : delayMs
  }

  #deliverDue(): void {
    for (let next = this.#parcels[0]; next !== undefined; next = this.#parcels[0]) {
      const waitMs = next.arrivedMs + this.#delayMs - performance.now()
      if (waitMs > 0) {
        this.#timer = setTimeout(() => this.update(), Math.ceil(waitMs))
        return
      }
      if (this.#to.writableNeedDrain) return
      this.#parcels.shift()
      this.#deliver(next.chunk)
    }
  }

  #deliver(chunk: Buffer | undefined): void {
    this.#waitingBytes -= chunk?.length ?? 0
    if (this.#isCut || !this.#to.writable) return
    if (chunk === undefined) this.#to.end()
    else this.#to.write(chunk)
  }

  #holdBackOrRead(): void {
    // A stall alone is no reason: who does not read does not see that the sender has gone.
    if (this.#waitingBytes > MAX_WAITING_BYTES) this.#from.pause()
    else if (this.#from.isPaused()) this.#from.resume()
  }
}
