import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { Conditions } from './conditions.ts'
import { OneWay } from './one-way.ts'

/** An address to connect to. */
export interface Target {
  readonly host: string
  readonly port: number
}

/** What a connection is subject to. */
export interface ConnectionConditions {
  readonly toTarget: Conditions
  readonly toClient: Conditions
  /** Whether an uneven delay leaves it alone. */
  readonly isSpared: boolean
}

/** A client's connection and the one to the target that stands behind it. */
export class ProxiedConnection {
  readonly #client: Socket
  readonly #upstream: Socket
  readonly #toTarget: OneWay
  readonly #toClient: OneWay

  constructor(client: Socket, target: Target, conditions: ConnectionConditions) {
    const { toTarget, toClient, isSpared } = conditions
    this.#client = client
    this.#upstream = connect({ ...target, allowHalfOpen: true, noDelay: true })
    client.setNoDelay(true)
    this.#toTarget = new OneWay(client, this.#upstream, toTarget, isSpared)
    this.#toClient = new OneWay(this.#upstream, client, toClient, isSpared)
    this.#tieTogether()
    this.update()
  }

  /** Whether the client has neither ended nor lost its side. */
  get isClientThere(): boolean {
    return !this.#client.readableEnded && !this.#client.destroyed
  }

  /** Resolves when both sides are closed. */
  async untilOver(): Promise<void> {
    await Promise.all([untilClosed(this.#client), untilClosed(this.#upstream)])
  }

  /** Applies changed conditions. */
  update(): void {
    this.#toTarget.update()
    this.#toClient.update()
  }

  /** Ends both sides in the orderly way (FIN). */
  async end(): Promise<void> {
    await this.#close(() => {
      this.#client.destroy()
      this.#upstream.destroy()
    })
  }

  /** Breaks both sides off (RST). */
  async reset(): Promise<void> {
    await this.#close(() => {
      this.#upstream.resetAndDestroy()
      this.#client.resetAndDestroy()
    })
  }

  /** Ends what the client reads and goes on taking what it writes. */
  async halfClose(): Promise<void> {
    this.#toClient.cut()
    if (this.#client.writableFinished) return
    await Promise.race([once(this.#client, 'finish'), untilClosed(this.#client)])
  }

  async #close(close: () => void): Promise<void> {
    const isOver = this.untilOver()
    close()
    await isOver
  }

  #tieTogether(): void {
    // An error is always followed by 'close'; which error it was, the other side hears as RST.
    this.#client.on('error', () => {
      this.#toTarget.tellOfLoss(() => this.#upstream.resetAndDestroy())
    })
    this.#upstream.on('error', () => {
      this.#toClient.tellOfLoss(() => this.#client.resetAndDestroy())
    })
    this.#client.once('close', () => {
      this.#toClient.close()
      this.#toTarget.tellOfLoss(() => this.#upstream.destroy())
    })
    this.#upstream.once('close', () => {
      this.#toTarget.close()
      this.#endClientOnceDelivered()
    })
  }

  #endClientOnceDelivered(): void {
    // After an orderly end, what the target has sent may still be on its way to the client.
    if (this.#upstream.readableEnded) return
    this.#toClient.tellOfLoss(() => this.#client.destroy())
  }
}

async function untilClosed(socket: Socket): Promise<void> {
  if (!socket.closed) await new Promise<void>((resolve) => socket.once('close', () => resolve()))
}
