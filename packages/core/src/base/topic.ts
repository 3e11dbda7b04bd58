import { type Channel, channel } from 'node:diagnostics_channel'

export type Listener<T> = (detail: T) => void

/** Where events go besides their listeners: to the `node:diagnostics_channel` named `<prefix>:<event>`. */
export interface Outlet {
  readonly prefix: string
  /** What each message says beside the detail of its event: whose event it is. */
  readonly about: object
}

const NO_CHANNEL: Pick<Channel, 'hasSubscribers' | 'publish'> = {
  hasSubscribers: false,
  publish() {},
}

/**
 * One kind of event: those who listen to it here, and those who have subscribed to its channel.
 *
 * A listener or subscriber that throws does so on its own, in a later tick: it can never break what
 * it listens to.
 */
export class Topic<T extends object> {
  readonly #listeners = new Set<Listener<T>>()
  readonly #channel: typeof NO_CHANNEL
  readonly #about: object
  #hasListeners = false

  constructor(event: string, outlet: Outlet | undefined) {
    this.#channel = outlet === undefined ? NO_CHANNEL : channel(`${outlet.prefix}:${event}`)
    this.#about = outlet?.about ?? {}
  }

  /** Whether anybody hears it. Two flags: a hot path asks this first and makes no detail for nobody. */
  get isHeard(): boolean {
    return this.#hasListeners || this.#channel.hasSubscribers
  }

  /** Calls `listener` from now on; returns what stops it. */
  on(listener: Listener<T>): () => void {
    this.#listeners.add(listener)
    this.#hasListeners = true
    return () => {
      this.#listeners.delete(listener)
      this.#hasListeners = this.#listeners.size > 0
    }
  }

  emit(detail: T): void {
    if (this.#hasListeners) for (const listener of [...this.#listeners]) tell(listener, detail)
    if (this.#channel.hasSubscribers) this.#channel.publish({ ...this.#about, ...detail })
  }
}

function tell<T>(listener: Listener<T>, detail: T): void {
  try {
    listener(detail)
  } catch (error) {
    queueMicrotask(() => {
      throw error
    })
  }
}
