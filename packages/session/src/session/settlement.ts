import type { Change } from '../store/session-store.ts'
import type { SessionContext } from './context.ts'

/** What a settlement needs of a session. */
interface Settled {
  readonly context: SessionContext
  readonly slots: { changes(): Change[] }
  readonly handle: string | undefined
  readonly outage: Error | undefined
  readonly isDue: boolean
  readonly isWriting: boolean
  write(known: readonly Change[] | undefined, setsCookie: boolean): Promise<void>
}

/** What has to become of a session before its response begins, and what is left of it at the end. */
export class Settlement {
  readonly #session: Settled
  #isAbandoned = false

  constructor(session: Settled) {
    this.#session = session
  }

  /**
   * Writes before the response begins; `undefined` where there is nothing to write. What fails is not
   * tried again for the same response.
   */
  settle(): Promise<void> | undefined {
    if (this.#isAbandoned) return undefined
    const changes = this.#session.slots.changes()
    return changes.length > 0 || this.#session.isDue ? this.#settle(changes) : undefined
  }

  /** Tells of what was changed, deep inside of a value, when the head was gone already. */
  finish(): void {
    if (this.#isAbandoned || this.#session.isWriting) return
    if (this.#session.slots.changes().length === 0) return
    this.#session.context.events.emit('lost', {
      handle: this.#session.handle,
      because: 'head-sent',
    })
  }

  async #settle(changes: readonly Change[]): Promise<void> {
    try {
      await this.#session.write(changes, true)
    } catch (error) {
      this.#isAbandoned = true
      if (!this.#isBearable(error)) throw error
    }
  }

  /** Whether the response goes out all the same, without what could not be written. */
  #isBearable(error: unknown): boolean {
    const { events, onStoreError } = this.#session.context
    const isGone = (error as { code?: unknown }).code === 'ERR_SESSION_GONE'
    const isOutage = error === this.#session.outage
    if (!isGone && !isOutage) return false
    events.emit('lost', { handle: this.#session.handle, because: isGone ? 'gone' : 'store-down' })
    return isGone || onStoreError === 'anonymous'
  }
}
